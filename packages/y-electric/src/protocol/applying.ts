import * as Y from 'yjs'
import { noIds, pushRange } from './id-ranges.ts'
import { diffUpdate } from './update-encoding.ts'

/**
 * Applies a sound update, and leaves the document usable if Yjs throws. Yjs throws at some combinations of
 * updates, for instance at a struct of which the document holds the beginning as collected garbage. It has
 * then dropped the update, and everything that waited.
 *
 * After an error, this function cuts off what the document holds already, and applies the rest again, with
 * what waited.
 * @throws the error of Yjs, unless the rest could be applied. Updates that waited still wait.
 */
export function applyRow(doc: Y.Doc, update: Uint8Array, origin?: unknown): void {
  const { pendingStructs, pendingDs } = doc.store
  const waiting = [pendingStructs?.update, pendingDs].flatMap((bytes) => bytes ?? [])
  try {
    endingTransactions(doc, () => Y.applyUpdate(doc, update, origin))
  } catch (failure) {
    for (const bytes of waiting) applyRest(doc, Y.convertUpdateFormatV2ToV1(bytes), origin)
    if (!applyRest(doc, update, origin)) throw failure
  }
}

/** Applies what the document lacks of an update. @returns false if that is nothing, or if Yjs throws */
function applyRest(doc: Y.Doc, update: Uint8Array, origin: unknown): boolean {
  const structs = noIds()
  for (const client of doc.store.clients.keys()) {
    pushRange(structs, client, 0, Y.getState(doc.store, client))
  }
  const deletes = Y.createDeleteSetFromStructStore(doc.store)
  try {
    const rest = diffUpdate(update, { structs, deletes })
    if (rest === null) return false
    endingTransactions(doc, () => Y.applyUpdate(doc, rest, origin))
    return true
  } catch {
    return false
  }
}

/**
 * Runs transactions of a document. If one of them throws at its end (a listener, or Yjs as it collects
 * garbage), Yjs leaves it open, and from then on reports no change to any listener. Here it is ended.
 */
export function endingTransactions(doc: Y.Doc, run: () => void): void {
  const isOutermost = doc._transaction === null && doc._transactionCleanups.length === 0
  let isDone = false
  try {
    run()
    isDone = true
  } finally {
    if (isOutermost && !isDone) doc._transactionCleanups = []
  }
}
