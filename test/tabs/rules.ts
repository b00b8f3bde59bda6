// Checks of documents and rows for the model-based test of tabs.
import type { ElectricProvider } from 'y-electric'
import { decodeUpdate } from 'y-electric/protocol'
import * as Y from 'yjs'
import type { Row } from './memoryServer.ts'

/** Expects that no struct is in two rows, except structs of clients that may repeat. */
export function expectOnce(rows: readonly Row[], mayRepeat: ReadonlySet<number>): void {
  const seen = new Map<string, number>()
  for (const { seq, data } of rows) {
    for (const struct of decodeUpdate(data).structs) {
      if (struct instanceof Y.Skip || mayRepeat.has(struct.id.client)) continue
      for (let i = 0; i < struct.length; i++) {
        const name = `${struct.id.client}:${struct.id.clock + i}`
        const earlier = seen.get(name)
        if (earlier !== undefined) throw new Error(`${name} is in rows ${earlier} and ${seq}`)
        seen.set(name, seq)
      }
    }
  }
}

/** The clients of which a document has more structs than another, including structs that wait. */
export function clientsAhead(doc: Y.Doc, other: Y.Doc): Set<number> {
  const there = Y.decodeStateVector(Y.encodeStateVector(other))
  const { structs } = decodeUpdate(Y.encodeStateAsUpdate(doc))
  const ahead = structs.filter(({ id, length }) => id.clock + length > (there.get(id.client) ?? 0))
  return new Set(ahead.map(({ id }) => id.client))
}

/** Whether a document has edits that wait for missing ones. */
export const isWaiting = ({ store }: Y.Doc): boolean =>
  store.pendingStructs !== null || store.pendingDs !== null

/** Expects the same structs and deletes, apart from those that wait. */
export function expectSame(one: Y.Doc, other: Y.Doc): void {
  if (!Y.equalSnapshots(Y.snapshot(one), Y.snapshot(other))) throw new Error('the documents differ')
}

/** Expects that a document has all structs and deletes of an update, apart from those that wait. */
export function expectContains(doc: Y.Doc, update: Uint8Array, who: string): void {
  const own = Y.encodeStateAsUpdate(doc)
  if (Buffer.compare(own, update) === 0) return
  const both = new Y.Doc({ guid: 'rebuilt' })
  Y.applyUpdate(both, own)
  Y.applyUpdate(both, update)
  const [there, wanted] = [Y.snapshot(doc), Y.snapshot(both)]
  if (Y.equalSnapshots(there, wanted)) return
  const print = ({ sv }: Y.Snapshot) => JSON.stringify([...sv].sort(([a], [b]) => a - b))
  throw new Error(`${who} lacks something: has ${print(there)}, should have ${print(wanted)}`)
}

export const factsOf = ({ status, synced, saved, stored, error }: ElectricProvider): string =>
  JSON.stringify({ status, synced, saved, stored, error: error?.message })
