import type { FollowPoint } from '../core/connection.ts'
import type { Batch } from '../core/outbox.ts'
import { mergeUpdates } from '../protocol/update-encoding.ts'
import { batchesOf, type LocalStore, type Persistence } from './local-store.ts'

interface Stored {
  updates: { readonly id: number; readonly bytes: Uint8Array }[]
  edits: Batch[]
  resume: FollowPoint | null
  lastId: number
}

/**
 * Keeps documents in memory, for as long as the returned object lives: for tests, and for apps whose
 * pages come and go within one process.
 */
export function memory(): Persistence {
  const documents = new Map<string, Stored>()
  return {
    async open(key) {
      const stored = documents.get(key) ?? { updates: [], edits: [], resume: null, lastId: 0 }
      documents.set(key, stored)
      return memoryStore(stored)
    },
  }
}

function memoryStore(stored: Stored): LocalStore {
  const seen = new Set<number>()
  return {
    async load() {
      for (const { id } of stored.updates) seen.add(id)
      return {
        updates: stored.updates.map(({ bytes }) => bytes),
        batches: batchesOf(stored.edits, mergeUpdates),
        resume: stored.resume,
      }
    },
    async commit({ updates, edits, settled, resume, whole }) {
      if (whole !== undefined) {
        stored.updates = stored.updates.filter(({ id }) => !seen.has(id))
        seen.clear()
      }
      for (const bytes of whole === undefined ? updates : [whole]) {
        stored.updates.push({ id: ++stored.lastId, bytes })
        seen.add(stored.lastId)
      }
      stored.edits = [...stored.edits, ...edits].filter(({ batchId }) => !settled.includes(batchId))
      if (resume !== undefined) stored.resume = resume
    },
    async close() {},
  }
}
