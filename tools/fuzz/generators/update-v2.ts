// Proposals of folds: honest ones with one or more changes, and a few bytes that claim many structs.
import * as Y from 'yjs'
import { type Parts, putTogether, takeApart } from '../adapters/server.ts'
import type { Choices } from '../engine/choices.ts'
import { numberNear } from './numbers.ts'
import { anyUpdate } from './update-v1.ts'
import { NAMES, STRINGS } from './values.ts'

/** Changes some structs and deletes of a snapshot. */
export function changedSnapshot(choices: Choices, snapshot: Uint8Array): Uint8Array {
  const parts = takeApart(snapshot)
  const times = 1 + choices.below(3)
  for (let time = 0; time < times; time++) changeOnce(choices, parts)
  try {
    return putTogether(parts)
  } catch {
    // Yjs cannot encode the change, for example an item without origins and without a parent.
    return snapshot
  }
}

function changeOnce(choices: Choices, { structs, deletes }: Parts): void {
  const at = choices.below(structs.length)
  const struct = structs[at]
  if (struct === undefined) return
  const item = struct instanceof Y.Item ? struct : null
  const set = (changes: Partial<Y.Item>) => item !== null && Object.assign(item, changes)
  const id = () => Y.createID(1 + choices.below(3), choices.below(30))
  choices.weighted<unknown>([
    [2, () => structs.splice(at, 1)],
    [1, () => structs.splice(at, 0, struct)],
    [2, () => structs.splice(at, 1, new Y.GC(struct.id, struct.length))],
    [1, () => structs.splice(at, 1, new Y.Skip(struct.id, struct.length))],
    [3, () => set({ content: anyContent(choices, struct.length) })],
    [2, () => set({ origin: choices.oneIn(3) ? null : id() })],
    [2, () => set({ rightOrigin: choices.oneIn(3) ? null : id() })],
    [1, () => set({ parentSub: choices.pick(NAMES) })],
    [1, () => set({ parent: id() })],
    [1, () => structs.reverse()],
    [
      2,
      () => {
        const ranges = deletes.clients.get(1 + choices.below(3)) ?? []
        const range = ranges[choices.below(ranges.length + 1)]
        if (range !== undefined) range.clock = Math.max(0, numberNear(choices, range.clock))
        else ranges.push({ clock: choices.below(30), len: 1 + choices.below(3) } as never)
      },
    ],
    [1, () => deletes.clients.delete(1 + choices.below(3))],
  ])
}

/** Other content, mostly of the same length. */
function anyContent(choices: Choices, length: number): Y.Item['content'] {
  const size = choices.oneIn(5) ? length + 1 : length
  return choices.weighted<Y.Item['content']>([
    [2, () => new Y.ContentString(choices.pick(STRINGS).padEnd(size, 'z').slice(0, size))],
    [2, () => new Y.ContentAny(Array.from({ length: size }, () => choices.pick([1, null, 'x'])))],
    [1, () => new Y.ContentDeleted(size)],
    [1, () => new Y.ContentEmbed({ image: choices.below(9) })],
    [1, () => new Y.ContentFormat('bold', choices.pick([true, false, 'x']))],
    [1, () => new Y.ContentBinary(Uint8Array.of(choices.below(256)))],
    [1, () => new Y.ContentType(choices.oneIn(2) ? new Y.Map() : new Y.XmlElement('script'))],
  ])
}

/** Converts a v1 update to v2. Returns an empty update if Yjs cannot convert it. */
export function convertedUpdate(choices: Choices): Uint8Array {
  const update = anyUpdate(choices, new Map())
  try {
    return Y.convertUpdateFormatV1ToV2(update)
  } catch {
    return update
  }
}

/** A few dozen bytes of run lengths that stand for many structs. */
export function runLengthBomb(choices: Choices): Uint8Array {
  const count = choices.pick([10, 1_000, 20_000, ...(choices.oneIn(40) ? [300_000] : [])])
  const client = choices.pick([1, 100])
  const kind = choices.pick(['collected', 'text', 'types'])
  const encoder = new Y.UpdateEncoderV2()
  const writeNumber = (value: number) => {
    encoder.resetDsCurVal()
    encoder.writeDsClock(value)
  }
  writeNumber(1)
  writeNumber(count)
  encoder.writeClient(client)
  writeNumber(0)
  for (let clock = 0; clock < count; clock++) {
    if (kind === 'collected') {
      encoder.writeInfo(0)
      encoder.writeLen(1)
      continue
    }
    encoder.writeInfo((kind === 'text' ? 0x04 : 0x07) | (clock === 0 ? 0 : 0x80))
    if (clock === 0) {
      encoder.writeParentInfo(true)
      encoder.writeString('text')
    } else encoder.writeLeftID(Y.createID(client, clock - 1))
    if (kind === 'text') encoder.writeString('a')
    else encoder.writeTypeRef(1)
  }
  writeNumber(0)
  return encoder.toUint8Array()
}
