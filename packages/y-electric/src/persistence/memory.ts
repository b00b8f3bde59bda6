import type { ResumePoint } from '../core/connection.ts'
import type { Batch } from '../core/outbox.ts'
import { mergeUpdates } from '../protocol/update-encoding.ts'
import { batchesOf, type DeviceStore, type Persistence, type TakenOver } from './device-store.ts'

interface Stored {
  updates: { readonly id: number; readonly bytes: Uint8Array }[]
  edits: { owner: DeviceStore; readonly edit: Batch }[]
  resume: ResumePoint | null
  /** The stores that committed content which must still be compared with what the server has. */
  readonly uncompared: Set<DeviceStore>
  lastId: number
  /** The open stores: each owns the edits that it sends. */
  readonly open: Set<DeviceStore>
}

/** Keeps documents as long as the returned object lives. */
export function openMemory(): Persistence {
  const documents = new Map<string, Stored>()
  return {
    async open(key) {
      const stored = documents.get(key) ?? {
        updates: [],
        edits: [],
        resume: null,
        uncompared: new Set(),
        lastId: 0,
        open: new Set(),
      }
      documents.set(key, stored)
      return memoryStore(stored)
    },
  }
}

function memoryStore(stored: Stored): DeviceStore {
  const seen = new Set<number>()
  /**
   * The stores whose content this page compares when it records a resume point: those it has
   * loaded, and itself.
   */
  const compared = new Set<DeviceStore>()

  function takeOver(): TakenOver {
    const left = stored.edits.filter(({ owner }) => !stored.open.has(owner))
    for (const one of left) one.owner = store
    const others = stored.edits.filter(({ owner }) => owner !== store)
    const [batches = [], ofOthers = []] = [left, others].map((owned) =>
      batchesOf(
        owned.map(({ edit }) => edit),
        mergeUpdates,
      ),
    )
    return { batches, ofOthers }
  }

  const store: DeviceStore = {
    async load() {
      for (const { id } of stored.updates) seen.add(id)
      for (const one of stored.uncompared) if (!stored.open.has(one)) compared.add(one)
      const { batches, ofOthers } = takeOver()
      return {
        updates: stored.updates.map(({ bytes }) => bytes),
        batches,
        resume: stored.uncompared.size > 0 ? null : stored.resume,
        ofOthers,
      }
    },
    async takeOver() {
      if (!stored.open.has(store)) throw new Error('the store is closed')
      return takeOver()
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
      if (resume === null) stored.uncompared.add(store)
      else if (resume !== undefined) {
        stored.resume = resume
        for (const one of [store, ...compared]) stored.uncompared.delete(one)
      }
    },
    async close() {
      stored.open.delete(store)
    },
  }
  stored.open.add(store)
  return store
}
