import type { FollowPoint } from '../core/connection.ts'
import type { Batch } from '../core/outbox.ts'

/** What is stored of one document on this device. */
export interface LocalDocument {
  /** All that the document held: Yjs v1 updates, in the order in which they came. */
  readonly updates: readonly Uint8Array[]
  /** Edits without an ack, as the batches that they were or would have been sent in. */
  readonly batches: readonly Batch[]
  /** Where to go on reading; null reads everything anew. */
  readonly resume: FollowPoint | null
  /** Among the updates are unsent edits of other pages, which are alive and send them. */
  readonly hasUnsentOfOthers: boolean
}

/** One change of what is stored; all of it or nothing (rule 8). */
export interface LocalChange {
  readonly updates: readonly Uint8Array[]
  /** Edits and the batches they belong to, in order. */
  readonly edits: readonly Batch[]
  /** Batches that are acked, or were cut into others. */
  readonly settled: readonly string[]
  /** Undefined leaves it as it is. */
  readonly resume?: FollowPoint | null
  /** Takes the place of every update that this store has loaded or committed so far. */
  readonly whole?: Uint8Array
}

/**
 * Keeps one document on this device. Several may be open on one document, in several tabs: each
 * adds to it, and takes away only what it has seen.
 */
export interface LocalStore {
  load(): Promise<LocalDocument>
  /** Resolves when the change is stored. After a rejection nothing of it is. */
  commit(change: LocalChange): Promise<void>
  close(): Promise<void>
}

/** Opens the store of a document; `key` names the server and the document. */
export interface Persistence {
  open(key: string): Promise<LocalStore>
}

/** The batches of a list of edits: those of one id are one batch. */
export function batchesOf(
  edits: readonly Batch[],
  merge: (updates: readonly Uint8Array[]) => Uint8Array,
): Batch[] {
  const byId = new Map<string, Uint8Array[]>()
  for (const { batchId, update } of edits) {
    const updates = byId.get(batchId)
    if (updates === undefined) byId.set(batchId, [update])
    else updates.push(update)
  }
  return [...byId].map(([batchId, updates]) => ({ batchId, update: merge(updates) }))
}
