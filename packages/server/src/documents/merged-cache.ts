import { LRUCache } from 'lru-cache'
import type pg from 'pg'
import type { MergedContent } from '../content/merge.ts'
import type { Limits } from '../limits.ts'
import type { PackedState } from '../store/index.ts'
import { ungated } from '../store/index.ts'

/** Rows and their content as one update. */
export interface MergedOnce extends MergedContent {
  /** How many rows were merged: the first ones. */
  readonly count: number
}

interface Entry extends MergedOnce {
  readonly keepHistory: boolean
  readonly keys: readonly Uint8Array[]
}

type Caches = WeakMap<pg.Pool, LRUCache<string, Entry>>

const caches: Caches = new WeakMap()

/**
 * The content of the first rows of a document, if it was merged a short time ago. People often join a document one
 * after the other, and merging takes longer than everything else that a join does. Stored rows never change, and a row
 * has a seq and a batch id of its own, so content that was merged from the same rows is the same content.
 */
export function recallMerged(pool: pg.Pool, docId: string, state: PackedState): MergedOnce | null {
  const entry = caches.get(ungated(pool))?.get(docId)
  if (entry === undefined || entry.keepHistory !== state.keepHistory) return null
  const keys = keysOf(state)
  const isPrefix = entry.keys.every((part, i) => {
    const now = keys[i]?.subarray(0, part.byteLength)
    return now !== undefined && Buffer.compare(part, now) === 0
  })
  return isPrefix ? entry : null
}

/** Keeps merged content for `mergedCacheMs`, as far as `maxMergedCacheBytes` has room. */
export function keepMerged(
  pool: pg.Pool,
  docId: string,
  state: PackedState,
  content: MergedContent,
  { maxMergedCacheBytes, mergedCacheMs }: Limits,
): void {
  if (maxMergedCacheBytes === 0) return
  const key = ungated(pool)
  const cache =
    caches.get(key) ??
    new LRUCache<string, Entry>({
      maxSize: Math.ceil(maxMergedCacheBytes),
      sizeCalculation: sizeOf,
      ttl: Math.ceil(mergedCacheMs),
      // Expired content is removed from memory even when nobody joins any more.
      ttlAutopurge: true,
    })
  caches.set(key, cache)
  const { keepHistory, rows } = state
  cache.set(docId, { ...content, count: rows.count, keepHistory, keys: keysOf(state) })
}

/** Removes the content of a document that is deleted. */
export function forgetMerged(pool: pg.Pool, docId: string): void {
  caches.get(ungated(pool))?.delete(docId)
}

const keysOf = ({ rows }: PackedState): Uint8Array[] => [
  rows.seqs,
  rows.segments,
  rows.lengths,
  rows.batchIds,
]

const sizeOf = ({ data, keys }: Entry): number =>
  keys.reduce((sum, { byteLength }) => sum + byteLength, data.byteLength)
