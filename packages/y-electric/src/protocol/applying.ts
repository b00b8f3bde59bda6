import * as Y from 'yjs'
import { finishDeletes, isTooDeep } from './deep-deletes.ts'
import { settleHeldBack } from './held-back.ts'
import { type IdRanges, noIds, pushRange } from './id-ranges.ts'
import { contentOfUpdate, decodeOwnUpdate } from './update-decoding.ts'
import { diffUpdate } from './update-encoding.ts'

/**
 * Applies a sound update, and leaves the document usable if Yjs throws. Yjs throws at some
 * combinations of updates, for instance at a struct whose beginning the document holds as collected
 * garbage. It has then dropped the update and everything that was pending.
 *
 * After an error, this function cuts off what the document already holds, and applies the rest
 * again together with what was pending.
 *
 * A struct whose beginning the document holds is cut before, in the way `mergeUpdates` cuts it. Yjs
 * would put its rest after that beginning, but under the parent that the struct names: if two rows
 * have different content for one id, an entry of a map could end up in a text, and the document
 * could not be encoded any more.
 * @throws the error of Yjs, unless the rest could be applied. Pending updates stay pending.
 */
export function applyRow(doc: Y.Doc, update: Uint8Array, origin?: unknown): void {
  const unknown = cutKnown(doc, update)
  const { pendingStructs, pendingDs } = doc.store
  const waiting = [pendingStructs?.update, pendingDs].flatMap((bytes) => bytes ?? [])
  try {
    applyAndSettle(doc, unknown, origin)
  } catch (failure) {
    for (const bytes of waiting) applyRest(doc, Y.convertUpdateFormatV2ToV1(bytes), origin)
    if (applyDeep(doc, update, origin)) return
    if (!applyRest(doc, update, origin)) throw failure
  }
}

/**
 * How often the rest of an update is applied after Yjs has found types that are nested too deeply.
 */
const MAX_DEEP_ATTEMPTS = 100

/**
 * Applies the rest of an update that deletes types which are nested too deeply for Yjs. Each
 * attempt finishes the deletes of the previous one. Yjs reports such a delete as a stack overflow, or
 * as an unexpected case if its garbage collection gets deeper than the delete did.
 * @returns false if nothing was left to finish, or if the rest could not be applied
 */
function applyDeep(doc: Y.Doc, update: Uint8Array, origin: unknown): boolean {
  for (let i = 0; i < MAX_DEEP_ATTEMPTS && finishes(doc); i++) {
    if (restOf(doc, update) === null || applyRest(doc, update, origin)) return true
  }
  return false
}

function finishes(doc: Y.Doc): boolean {
  let isUnfinished = true
  try {
    endingTransactions(doc, () => {
      isUnfinished = finishDeletes(doc)
    })
  } catch (error) {
    // Only the garbage collection is left, and the content is the same without it.
    if (!isTooDeep(error)) throw error
  }
  return isUnfinished
}

/**
 * Removes from an update the structs that the document holds, and from the pending updates the
 * structs of the update. It decodes nothing if nothing overlaps, as with edits of normal clients.
 * @returns the rest of the update, with all of its deletes
 */
function cutKnown(doc: Y.Doc, update: Uint8Array): Uint8Array {
  const { store } = doc
  if (store.clients.size === 0 && store.pendingStructs === null) return update
  const { from, to } = Y.parseUpdateMeta(update)
  const known = noIds()
  for (const [client, clock] of from) {
    const state = Y.getState(store, client)
    if (clock < state) pushRange(known, client, 0, state)
  }
  if (store.pendingStructs !== null && overlaps(store.pendingStructs.update, { from, to })) {
    cutWaiting(store, contentOfUpdate(decodeOwnUpdate(update)).structs)
  }
  return known.clients.size === 0 ? update : (withoutStructs(update, known) ?? NOTHING)
}

type Meta = ReturnType<typeof Y.parseUpdateMeta>

/**
 * The ids of the pending updates, cached: these may be large and wait for ever, and every keystroke
 * asks for them.
 */
const metaOfWaiting = new WeakMap<Uint8Array, Meta>()

/** Whether the pending updates and an update may hold the same ids. */
function overlaps(waiting: Uint8Array, { from, to }: Meta): boolean {
  const held = metaOfWaiting.get(waiting) ?? Y.parseUpdateMetaV2(waiting)
  metaOfWaiting.set(waiting, held)
  return [...from].some(([client, clock]) => {
    const [start, end] = [held.from.get(client), held.to.get(client)]
    return start !== undefined && end !== undefined && start < (to.get(client) ?? 0) && clock < end
  })
}

/** Yjs tries pending updates again after the update has been applied. */
function cutWaiting(store: Y.Doc['store'], coming: IdRanges): void {
  const { pendingStructs } = store
  if (pendingStructs === null) return
  const rest = withoutStructs(Y.convertUpdateFormatV2ToV1(pendingStructs.update), coming)
  store.pendingStructs =
    rest === null ? null : { ...pendingStructs, update: Y.convertUpdateFormatV1ToV2(rest) }
}

const withoutStructs = (update: Uint8Array, structs: IdRanges): Uint8Array | null =>
  diffUpdate(update, { structs, deletes: noIds() })

/** An empty update. */
const NOTHING = new Uint8Array([0, 0])

/** The part of an update that the document lacks; null if it lacks nothing. */
function restOf(doc: Y.Doc, update: Uint8Array): Uint8Array | null {
  const structs = noIds()
  for (const client of doc.store.clients.keys()) {
    pushRange(structs, client, 0, Y.getState(doc.store, client))
  }
  return diffUpdate(update, { structs, deletes: Y.createDeleteSetFromStructStore(doc.store) })
}

/**
 * Applies what the document lacks of an update. @returns false if it lacks nothing, or if Yjs
 * throws
 */
function applyRest(doc: Y.Doc, update: Uint8Array, origin: unknown): boolean {
  try {
    const rest = restOf(doc, update)
    if (rest === null) return false
    applyAndSettle(doc, rest, origin)
    return true
  } catch {
    return false
  }
}

function applyAndSettle(doc: Y.Doc, update: Uint8Array, origin: unknown): void {
  endingTransactions(doc, () => {
    Y.applyUpdate(doc, update, origin)
    settleHeldBack(doc, origin)
  })
}

/**
 * Runs transactions of a document. If one of them throws at its end (in a listener, or in Yjs'
 * garbage collection), Yjs leaves it open, and from then on reports no change to any listener. This
 * function ends it.
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
