import * as Y from 'yjs'

/** The updates for which {@link settleHeldBack} found nothing to do. */
const settled = new WeakSet<Uint8Array>()

/**
 * Applies pending structs whose missing edits have arrived, and corrects which edits Yjs waits for (READ-1).
 *
 * Yjs tries its pending structs again when an edit arrives that it has noted as missing. It notes too late an
 * edit if a struct waits for an early edit of a client, and a later edit of that client is pending as
 * well: it then notes the edit before the later one. If everything in between depends on the waiting
 * struct, Yjs never tries again, although nothing is missing.
 */
export function settleHeldBack(doc: Y.Doc, origin: unknown): void {
  const { store } = doc
  for (;;) {
    const held = store.pendingStructs
    if (held === null || settled.has(held.update)) return
    const missing = missingFor(store, held.update)
    if (missing !== null) {
      held.missing = missing
      settled.add(held.update)
      return
    }
    store.pendingStructs = null
    Y.applyUpdateV2(doc, held.update, origin)
  }
}

/**
 * For each client, the clock of the first edit without which some struct cannot be integrated; null if a
 * struct lacks none. Only the first struct of each client is examined, because the others need it.
 */
function missingFor(store: Y.Doc['store'], update: Uint8Array): Map<number, number> | null {
  const missing = new Map<number, number>()
  const examined = new Set<number>()
  for (const struct of Y.decodeUpdateV2(update).structs) {
    const { client, clock } = struct.id
    if (struct instanceof Y.Skip || examined.has(client)) continue
    examined.add(client)
    const needed = [Y.createID(client, clock - 1), ...linksOf(struct)].filter(
      (id) => id.clock >= Y.getState(store, id.client),
    )
    if (needed.length === 0) return null
    for (const id of needed) {
      missing.set(id.client, Math.min(id.clock, missing.get(id.client) ?? id.clock))
    }
  }
  return missing
}

/** The ids that a struct names. */
function linksOf(struct: Y.Item | Y.GC): Y.ID[] {
  if (!(struct instanceof Y.Item)) return []
  const { origin, rightOrigin, parent } = struct
  return [origin, rightOrigin, parent].filter((id) => id instanceof Y.ID)
}
