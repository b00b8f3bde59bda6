// Takes a snapshot row apart and writes it again after a change, as a hostile client would.
import * as Y from 'yjs'

export type Struct = Y.Item | Y.GC | Y.Skip
type DeleteSet = ReturnType<typeof Y.createDeleteSet>

/** The parts of a Yjs v2 update; all of them may be changed. */
export interface Parts {
  structs: Struct[]
  deletes: DeleteSet
}

/** The structs are as in the bytes, not integrated: parents and neighbours are ids. */
export function takeApart(snapshot: Uint8Array): Parts {
  const { structs, ds } = Y.decodeUpdateV2(snapshot)
  return { structs, deletes: Y.mergeDeleteSets([ds]) }
}

/** The bytes after `change`. */
export function changed(snapshot: Uint8Array, change: (parts: Parts) => void): Uint8Array {
  const parts = takeApart(snapshot)
  change(parts)
  return putTogether(parts)
}

/** Writes structs in the given order, without any check. */
export function putTogether({ structs, deletes }: Parts): Uint8Array {
  const encoder = new Y.UpdateEncoderV2()
  // After a reset, the encoder writes a delete's clock as a plain number: the only access to it without lib0.
  const writeNumber = (value: number) => {
    encoder.resetDsCurVal()
    encoder.writeDsClock(value)
  }
  const byClient = new Map<number, Struct[]>()
  for (const struct of structs) {
    byClient.set(struct.id.client, [...(byClient.get(struct.id.client) ?? []), struct])
  }
  writeNumber(byClient.size)
  for (const [client, list] of byClient) {
    writeNumber(list.length)
    encoder.writeClient(client)
    writeNumber(list[0]?.id.clock ?? 0)
    for (const struct of list) struct.write(encoder, 0)
  }
  writeNumber(deletes.clients.size)
  for (const [client, ranges] of deletes.clients) {
    encoder.resetDsCurVal()
    writeNumber(client)
    writeNumber(ranges.length)
    encoder.resetDsCurVal()
    for (const { clock, len } of ranges) {
      encoder.writeDsClock(clock)
      encoder.writeDsLen(len)
    }
  }
  return encoder.toUint8Array()
}

/** Splits an item's text or values in two, as Yjs does when somebody inserts in between. */
export function cut(item: Y.Item, at: number): [Y.Item, Y.Item] {
  const { client, clock } = item.id
  const left = item.content.copy()
  const right = left.splice(at)
  const origin = Y.createID(client, clock + at - 1)
  const make = (from: number, after: Y.ID | null, content: Y.Item['content']) =>
    new Y.Item(
      Y.createID(client, from),
      null,
      after,
      null,
      item.rightOrigin,
      item.parent,
      item.parentSub,
      content,
    )
  return [make(clock, item.origin, left), make(clock + at, origin, right)]
}
