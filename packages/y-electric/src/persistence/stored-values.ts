/** Reads values from a store; a damaged store can return any value. */
import type { ResumePoint } from '../core/connection.ts'
import type { Batch } from '../core/outbox.ts'
import type { Counts } from '../core/stored-log.ts'
import { type ContentIds, contains, unionContent } from '../protocol/id-ranges.ts'
import { usableEdits } from '../protocol/stored-row.ts'
import { contentOfUpdate, decodeOwnUpdate } from '../protocol/update-decoding.ts'
import { decodeEdit, decodePoint, decodeRecord, isFramed, type StoredRecord } from './frames.ts'

/** A stored value that cannot be read, and why. */
export interface Unreadable {
  readonly problem: string
  /** The id under which the store keeps it, if known. */
  readonly storedId?: string
}

/** One edit of the outbox. */
export interface StoredBatch {
  /** The name of the edit in the log. */
  readonly name: string
  /** The id under which the store keeps it. */
  readonly storedId: string
  /** The batch for which the edit was made; edits of one batch belong together. */
  readonly madeFor: string
  /** The record that holds the same edit as content. */
  readonly records: Counts
  /** The edit as a batch, with the `batchId` to send. */
  readonly batch: Batch
}

/** One update as a store returned it. */
interface StoredUpdate {
  /** Undefined if a version without checks stored it. */
  readonly record?: StoredRecord
  readonly updates: readonly Uint8Array[]
  /** Edits that are not among the updates because nobody can apply them: see {@link usableEdits}. */
  readonly leftOut: readonly LeftOut[]
}

/** Edits that were left out, and why. */
interface LeftOut {
  readonly ids: ContentIds
  readonly problem: string
}

export function readUpdate(value: unknown): StoredUpdate | Unreadable {
  if (!(value instanceof Uint8Array)) {
    return { problem: `a stored update is ${nameOf(value)} instead of bytes` }
  }
  const record = decodeRecord(value)
  try {
    if (record !== null) return { record, ...usable(record.updates) }
    if (isFramed(value)) throw new Error(CHANGED)
    return usable([value])
  } catch (error) {
    const { message } = error as Error
    return { problem: `a stored update of ${value.byteLength} bytes cannot be read (${message})` }
  }
}

/** An earlier version kept rows that nobody applies any more, and an unsent edit may be such a row. */
function usable(updates: readonly Uint8Array[]): StoredUpdate {
  const read = updates.map(usableEdits)
  return {
    updates: read.map(({ update }) => update),
    leftOut: read.flatMap(({ problem, leftOut }) =>
      problem === null ? [] : [{ ids: leftOut, problem }],
    ),
  }
}

/**
 * Describes the edits that were left out. Unsent ones are not reported, because they are in the
 * outbox.
 */
export function problemsOfLeftOut(
  leftOut: readonly LeftOut[],
  batches: readonly Batch[],
): string[] {
  if (leftOut.length === 0) return []
  const unsent = unionContent(batches.map(({ update }) => contentOfUpdate(decodeOwnUpdate(update))))
  return leftOut
    .filter(({ ids }) => !contains(unsent, ids))
    .map(({ problem }) => `a stored update holds an edit that cannot be applied (${problem})`)
}

export function readBatch(value: unknown): { readonly edit: StoredBatch } | Unreadable {
  if (!isObject(value)) return { problem: `a stored edit is ${nameOf(value)} instead of an edit` }
  const { batchId: storedId, update, madeAt } = value
  if (typeof storedId !== 'string') return { problem: 'a stored edit has no batchId' }
  if (!(update instanceof Uint8Array)) {
    return {
      storedId,
      problem: `the stored edit ${storedId} is ${nameOf(update)} instead of bytes`,
    }
  }
  const kept = decodeEdit(update)
  if (kept !== null) {
    const problem = ownUpdateProblem(kept.update)
    if (problem !== null) {
      return { storedId, problem: `the stored edit ${storedId} cannot be applied (${problem})` }
    }
    const { name, page, number } = kept
    const madeFor = name.slice(0, name.lastIndexOf('/'))
    // A store that cannot tell which pages are gone gives new ids to the edits that it returns.
    const batchId = storedId === name ? madeFor : storedId
    const batch = batchOf(batchId, kept.update, kept.madeAt)
    return { edit: { name, storedId, madeFor, records: new Map([[page, number]]), batch } }
  }
  const problem = problemOfEdit(update)
  if (problem !== null) {
    return { storedId, problem: `the stored edit ${storedId} cannot be read (${problem})` }
  }
  const batch = batchOf(storedId, update, madeAt)
  return { edit: { name: storedId, storedId, madeFor: storedId, records: new Map(), batch } }
}

/** The point is null if there is none, or none that can be verified. */
type ReadPoint =
  | { readonly point: ResumePoint | null; readonly records: Counts }
  | { readonly problem: string }

/** @param isSealed false if no value in the store was written by a version with checks */
export function readPoint(value: unknown, isSealed: boolean): ReadPoint {
  const none = { point: null, records: new Map() }
  if (value === null || value === undefined) return none
  if (!isObject(value)) return { problem: `the stored resume point is ${nameOf(value)}` }
  const { segment, position, seal } = value
  if (seal === undefined && !isSealed && typeof segment === 'number') return none
  const kept = typeof seal === 'string' ? decodePoint(seal) : null
  const isSame = kept !== null && isSamePoint(kept.point, segment, position)
  return isSame ? kept : { problem: 'the stored resume point has changed since it was stored' }
}

function isSamePoint(kept: ResumePoint, segment: unknown, position: unknown): boolean {
  if (kept.segment !== segment) return false
  if (kept.position === null || !isObject(position)) return kept.position === position
  return kept.position.offset === position.offset && kept.position.handle === position.handle
}

const batchOf = (batchId: string, update: Uint8Array, madeAt: unknown): Batch => ({
  batchId,
  update,
  ...(typeof madeAt === 'number' && Number.isFinite(madeAt) ? { madeAt } : {}),
})

/**
 * Null unless the bytes are exactly one update that Yjs made here, without a frame; the server
 * judges it when it is sent.
 */
const problemOfEdit = (update: Uint8Array): string | null =>
  isFramed(update) ? CHANGED : ownUpdateProblem(update)

const CHANGED = 'its bytes have changed since they were stored'

function ownUpdateProblem(update: Uint8Array): string | null {
  try {
    decodeOwnUpdate(update)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  return isObject(value) ? (value.constructor?.name ?? 'an object') : typeof value
}
