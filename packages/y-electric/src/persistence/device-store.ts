import type { ResumePoint } from '../core/connection.ts'
import type { Batch } from '../core/outbox.ts'

/** Stored edits without an ack, in the batches in which they were or would have been sent. */
export interface TakenOver {
  /** These edits are the page's own now: those of pages that are gone. */
  readonly batches: readonly Batch[]
  /** Edits of other pages, which are alive and send them. */
  readonly ofOthers: readonly Batch[]
}

/** The stored data of one document on this device. The store returns bytes unchanged and never reads them. */
export interface DeviceDocument extends TakenOver {
  /** The whole content of the document, in the order in which it arrived. It contains all edits. */
  readonly updates: readonly Uint8Array[]
  /** The point at which reading continues, with all its fields; null to read everything again. */
  readonly resume: ResumePoint | null
}

/** One change of what is stored, applied entirely or not at all (DEV-1). */
export interface DeviceStoreChange {
  readonly updates: readonly Uint8Array[]
  /** Edits and the batches they belong to, in order. */
  readonly edits: readonly Batch[]
  /** Batches that were acked or cut into others. */
  readonly settled: readonly string[]
  /**
   * Undefined leaves it unchanged. Null: what this page holds must still be compared with what the
   * server has. Until a page that has read it records a resume point, every load returns null.
   */
  readonly resume?: ResumePoint | null
  /** Replaces every update that this store has loaded or committed so far. */
  readonly whole?: Uint8Array
}

/**
 * Keeps one document on this device. Several stores may be open for one document, in several tabs:
 * each adds to it, and removes only what it has read.
 */
export interface DeviceStore {
  load(): Promise<DeviceDocument>
  /** Resolves when the change is stored. If it rejects, nothing of the change is stored. */
  commit(change: DeviceStoreChange): Promise<void>
  /**
   * Adopts the unsent edits of pages that are gone: they are this page's own from here on. Returns
   * none where it is unknown which pages are gone.
   */
  takeOver(): Promise<TakenOver>
  close(): Promise<void>
}

/**
 * Called once when a store is lost without `close`: its data was deleted, or newer code took over.
 */
export type OnLost = (cause: unknown) => void

/** Opens the store of a document; `key` names the server and the document. */
export interface Persistence {
  /** How long a document waits for the store to open, in milliseconds; then it continues in memory. Default: 5 seconds. */
  readonly openWithinMs?: number
  open(key: string, onLost: OnLost): Promise<DeviceStore>
}

/**
 * Merges a list of edits into batches by id. If an edit of an id cannot be merged, all edits of that id are
 * returned unmerged: the caller of the store detects the damage.
 */
export function batchesOf(
  edits: readonly Batch[],
  merge: (updates: readonly Uint8Array[]) => Uint8Array,
): Batch[] {
  const byId = new Map<string, Batch[]>()
  for (const edit of edits) {
    const ofBatch = byId.get(edit.batchId)
    if (ofBatch === undefined) byId.set(edit.batchId, [edit])
    else ofBatch.push(edit)
  }
  return [...byId].flatMap(([batchId, ofBatch]) => {
    const update = mergedOrNull(ofBatch, merge)
    if (update === null) return ofBatch
    const known = ofBatch.flatMap(({ madeAt }) => madeAt ?? [])
    return { batchId, update, ...(known.length === 0 ? {} : { madeAt: Math.min(...known) }) }
  })
}

function mergedOrNull(
  edits: readonly Batch[],
  merge: (updates: readonly Uint8Array[]) => Uint8Array,
): Uint8Array | null {
  const [first] = edits
  if (first !== undefined && edits.length === 1) return first.update
  try {
    return merge(edits.map(({ update }) => update))
  } catch {
    return null
  }
}
