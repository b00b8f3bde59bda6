// Compares the content of documents.
import { decodeUpdate } from 'y-electric/protocol'
import * as Y from 'yjs'

/** Thrown if a rule of SPEC.md does not hold. */
export class RuleBroken extends Error {
  override readonly name = 'RuleBroken'
  /** The id of the rule, such as `KEEP-1`. */
  readonly rule: string

  constructor(rule: string, what: string) {
    super(`${rule}: ${what}`)
    this.rule = rule
  }
}

/** Whether the document has edits that wait for missing edits. */
export const isWaiting = ({ store }: Y.Doc): boolean =>
  store.pendingStructs !== null || store.pendingDs !== null

/** An empty document with a fixed guid, since creating a random one takes time. */
export const emptyDoc = (gc = true): Y.Doc => new Y.Doc({ guid: 'simulated', gc })

const stateOf = (doc: Y.Doc): Map<number, number> =>
  new Map([...doc.store.clients.keys()].map((client) => [client, Y.getState(doc.store, client)]))

/** Describes the content of `inner` that `outer` lacks, or returns null. Edits that wait do not count. */
export function missingIn(outer: Y.Doc, inner: Y.Doc): string | null {
  const there = stateOf(outer)
  for (const [client, clock] of stateOf(inner)) {
    const has = there.get(client) ?? 0
    if (has < clock) return `the edits ${client}:${has}…${clock - 1}`
  }
  const deleted = Y.createDeleteSetFromStructStore(outer.store)
  const wanted = Y.createDeleteSetFromStructStore(inner.store)
  const both = Y.mergeDeleteSets([deleted, wanted])
  if (Y.equalDeleteSets(both, deleted)) return null
  const print = [...wanted.clients].map(
    ([client, runs]) => `${client}:${runs.map(({ clock, len }) => `${clock}+${len}`).join(',')}`,
  )
  return `some of the deletions ${print.join(' ')}`
}

/** Whether two documents have the same structs and deletes, apart from those that wait. */
export const holdsTheSame = (one: Y.Doc, other: Y.Doc): boolean =>
  Y.equalSnapshots(Y.snapshot(one), Y.snapshot(other))

/** The amount of deleted content that the document still has. */
export function keptHistoryOf(doc: Y.Doc): number {
  let kept = 0
  for (const structs of doc.store.clients.values()) {
    for (const struct of structs) {
      if (!(struct instanceof Y.Item) || !struct.deleted) continue
      if (!(struct.content instanceof Y.ContentDeleted)) kept += struct.length
    }
  }
  return kept
}

/** The clients of which a document has more structs than another, including structs that wait. */
export function clientsAhead(doc: Y.Doc, other: Y.Doc): Set<number> {
  const there = stateOf(other)
  const { structs } = decodeUpdate(Y.encodeStateAsUpdate(doc))
  const ahead = structs.filter(({ id, length }) => id.clock + length > (there.get(id.client) ?? 0))
  return new Set(ahead.map(({ id }) => id.client))
}
