import type { FollowPoint } from '../core/connection.ts'
import type { Batch } from '../core/outbox.ts'
import { mergeUpdates } from '../protocol/update-encoding.ts'
import { batchesOf, type LocalStore, type Persistence } from './local-store.ts'

interface Stored {
  updates: { readonly id: number; readonly bytes: Uint8Array }[]
  edits: { readonly owner: LocalStore; readonly edit: Batch }[]
  resume: FollowPoint | null
  lastId: number
  /** The stores that are open: each owns the edits that it sends. */
  readonly open: Set<LocalStore>
}

/**
 * Keeps documents in memory, for as long as the returned object lives: for tests, and for apps whose
 * pages come and go within one process.
 */
export function memory(): Persistence {
  const documents = new Map<string, Stored>()
  return {
    async open(key) {
      const stored = documents.get(key) ?? {
        updates: [],
        edits: [],
        resume: null,
        lastId: 0,
        open: new Set(),
      }
      documents.set(key, stored)
      return memoryStore(stored)
    },
  }
}

function memoryStore(stored: Stored): LocalStore {
  const seen = new Set<number>()
  const store: LocalStore = {
    async load() {
      for (const { id } of stored.updates) seen.add(id)
      stored.edits = stored.edits.map(({ owner, edit }) => ({
        owner: stored.open.has(owner) ? owner : store,
        edit,
      }))
      const own = stored.edits.filter(({ owner }) => owner === store)
      return {
        updates: stored.updates.map(({ bytes }) => bytes),
        batches: batchesOf(
          own.map(({ edit }) => edit),
          mergeUpdates,
        ),
        resume: stored.resume,
        hasUnsentOfOthers: own.length < stored.edits.length,
      }
    },
    async commit({ updates, edits, settled, resume, whole }) {
      if (!stored.open.has(store)) throw new Error('the store is closed')
      if (whole !== undefined) {
        stored.updates = stored.updates.filter(({ id }) => !seen.has(id))
        seen.clear()
      }
      for (const bytes of whole === undefined ? updates : [whole]) {
        stored.updates.push({ id: ++stored.lastId, bytes })
        seen.add(stored.lastId)
      }
      for (const edit of edits) stored.edits.push({ owner: store, edit })
      stored.edits = stored.edits.filter(({ edit }) => !settled.includes(edit.batchId))
      if (resume !== undefined) stored.resume = resume
    },
    async close() {
      stored.open.delete(store)
    },
  }
  stored.open.add(store)
  return store
}
