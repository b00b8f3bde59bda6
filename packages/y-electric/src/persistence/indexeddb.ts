import { type DBSchema, type IDBPDatabase, type IDBPObjectStore, openDB } from 'idb'
import type { ResumePoint } from '../core/connection.ts'
import type { Batch } from '../core/outbox.ts'
import { type Platform, systemPlatform } from '../io/platform.ts'
import { mergeUpdates } from '../protocol/update-encoding.ts'
import { batchesOf, type DeviceStore, type Persistence } from './device-store.ts'
import { becomeOwner, liveOwners, type Owner } from './owner.ts'

interface Schema extends DBSchema {
  /** Content, in the order of arrival. */
  updates: { key: number; value: Uint8Array }
  /** Edits without an ack, and the page that sends them. */
  edits: { key: number; value: OwnedEdit; indexes: { batchId: string } }
  /**
   * The resume point, under `resume`. Other keys hold marks of commits whose content must still be
   * compared with what the server has. While such a mark exists, there is no resume point.
   * The name is part of the stored format.
   */
  place: { key: string; value: ResumePoint | Mark }
}

/** The page that compares. */
interface Mark {
  readonly owner: string
}

interface OwnedEdit extends Batch {
  readonly owner: string
}

const VERSION = 1
const RESUME = 'resume'
const STORES = ['updates', 'edits', 'place'] as const

/** Options of `indexeddb`. */
export interface IndexedDbOptions {
  /** The prefix of the name of each database. Default: `y-electric`. */
  readonly prefix?: string
  /**
   * Ids and Web Locks, for tests that simulate them.
   * @internal
   */
  readonly platform?: Pick<Platform, 'clock' | 'locks'>
}

/** Keeps each document in a database of its own. */
export function openIndexedDb(options: IndexedDbOptions = {}): Persistence {
  const { prefix = 'y-electric', platform = systemPlatform } = options
  return {
    async open(key, onLost) {
      const database = await openDB<Schema>(`${prefix}:${key}`, VERSION, {
        upgrade(db) {
          db.createObjectStore('updates', { autoIncrement: true })
          db.createObjectStore('edits', { autoIncrement: true }).createIndex('batchId', 'batchId')
          db.createObjectStore('place')
        },
        // A page with newer code wants to upgrade, or the site's data is being deleted: this
        // page continues in memory.
        blocking: (_from, to, event) => {
          const connection = event.target as IDBDatabase
          connection.close()
          onLost(
            new DOMException(
              `the database was ${to === null ? 'deleted' : 'upgraded'} elsewhere`,
              'AbortError',
            ),
          )
        },
        terminated: () => onLost(new DOMException('the browser closed the database', 'AbortError')),
      })
      try {
        const owner = await becomeOwner(platform.clock.uuid(), platform.locks())
        return indexedDbStore(database, owner, platform)
      } catch (error) {
        database.close()
        throw error
      }
    },
  }
}

function indexedDbStore(
  database: IDBPDatabase<Schema>,
  owner: Owner,
  platform: StorePlatform,
): DeviceStore {
  /** Keys of the updates that this page knows: the only ones that it may replace. */
  const seen = new Set<number>()
  /**
   * Marks to delete once this page records a resume point: its own, and those of pages that are
   * gone.
   */
  const marks = new Set<string>()
  return {
    async load() {
      const gone = await goneOwners(database, platform)
      const tx = database.transaction(STORES, 'readwrite')
      const resumeStore = tx.objectStore('place')
      const [keys, updates, resumeKeys, resumeValues] = await Promise.all([
        tx.objectStore('updates').getAllKeys(),
        tx.objectStore('updates').getAll(),
        resumeStore.getAllKeys(),
        resumeStore.getAll(),
      ])
      const { adopted, ofOthers } = await adopt(tx.objectStore('edits'), gone, owner, platform)
      await tx.done
      for (const key of keys) seen.add(key)
      let resume: ResumePoint | null = null
      let isMarked = false
      for (const [at, value] of resumeValues.entries()) {
        const key = resumeKeys[at] ?? RESUME
        // The stored value is returned unchecked; the caller of the store verifies it.
        if (key === RESUME) resume = value as ResumePoint
        else {
          isMarked = true
          const marker = ownerOf(value)
          if (marker === null || gone?.(marker) !== false) marks.add(key)
        }
      }
      return {
        updates,
        batches: batchesOf(adopted, mergeUpdates),
        resume: isMarked ? null : resume,
        ofOthers: batchesOf(ofOthers, mergeUpdates),
      }
    },

    async takeOver() {
      const gone = await goneOwners(database, platform)
      if (gone === null) return { batches: [], ofOthers: [] }
      const tx = database.transaction(STORES, 'readwrite')
      const { adopted, ofOthers } = await adopt(tx.objectStore('edits'), gone, owner, platform)
      await tx.done
      return {
        batches: batchesOf(adopted, mergeUpdates),
        ofOthers: batchesOf(ofOthers, mergeUpdates),
      }
    },

    async commit({ updates, edits, settled, resume, whole }) {
      const tx = database.transaction(STORES, 'readwrite', { durability: 'relaxed' })
      const content = tx.objectStore('updates')
      const outbox = tx.objectStore('edits')
      const resumeStore = tx.objectStore('place')
      const compared = resume ? [...marks] : []
      const mark = platform.clock.uuid()
      const added: Promise<number>[] = []
      const work: Promise<unknown>[] = [tx.done]
      try {
        if (whole !== undefined) for (const key of seen) work.push(content.delete(key))
        for (const update of whole === undefined ? updates : [whole]) {
          added.push(content.add(update))
        }
        for (const edit of edits) work.push(outbox.add({ ...edit, owner: owner.id }))
        for (const batchId of settled) work.push(deleteBatch(outbox, batchId))
        if (resume === null) work.push(resumeStore.put({ owner: owner.id }, mark))
        else if (resume !== undefined) work.push(resumeStore.put(resume, RESUME))
        for (const key of compared) work.push(resumeStore.delete(key))
        const [keys] = await Promise.all([Promise.all(added), ...work])
        if (resume === null) marks.add(mark)
        for (const key of compared) marks.delete(key)
        if (whole !== undefined) seen.clear()
        for (const key of keys) seen.add(key)
      } catch (error) {
        // Requests from before the failure must not be stored without the rest.
        abort(tx)
        await Promise.allSettled([...added, ...work])
        throw error
      }
    },

    async close() {
      database.close()
      owner.release()
    },
  }
}

type StorePlatform = NonNullable<IndexedDbOptions['platform']>

type EditsStore = IDBPObjectStore<Schema, typeof STORES, 'edits', 'readwrite'>

/**
 * Owners of stored data whose page is gone; null where this is unknown. The order of the two reads
 * matters: an owner holds its lock before it stores anything, so if its edits are here and its lock
 * is not held, it has released the lock for good.
 */
async function goneOwners(
  database: IDBPDatabase<Schema>,
  { locks }: StorePlatform,
): Promise<((owner: string) => boolean) | null> {
  const [edits, resumeValues] = await Promise.all([
    database.getAll('edits'),
    database.getAll('place'),
  ])
  const named = [...edits, ...resumeValues].flatMap((one) => ownerOf(one) ?? [])
  const owners = new Set(named)
  const live = await liveOwners(locks())
  return live === null ? null : (owner) => owners.has(owner) && !live.has(owner)
}

/**
 * Adopts the edits of pages that are gone, under the ids that they may have been sent under. Edits
 * of a page that is alive stay with it, because it still adds to them. Where it is unknown which
 * pages are alive, edits are adopted under new ids: they may be sent twice, which changes nothing,
 * but none are lost.
 */
async function adopt(
  edits: EditsStore,
  isGone: ((owner: string) => boolean) | null,
  owner: Owner,
  { clock }: StorePlatform,
): Promise<{ adopted: Batch[]; ofOthers: Batch[] }> {
  const adopted: Batch[] = []
  const ofOthers: Batch[] = []
  const newIds = new Map<string, string>()
  for (let cursor = await edits.openCursor(); cursor !== null; cursor = await cursor.continue()) {
    const edit = cursor.value
    if (!isEdit(edit)) {
      // No page could send it, or remove it by its name.
      await cursor.delete()
      continue
    }
    if (isGone?.(edit.owner) === false) {
      if (edit.owner !== owner.id) ofOthers.push(edit)
      continue
    }
    const batchId = isGone === null ? (newIds.get(edit.batchId) ?? clock.uuid()) : edit.batchId
    newIds.set(edit.batchId, batchId)
    await cursor.update({ ...edit, batchId, owner: owner.id })
    adopted.push({ ...edit, batchId })
  }
  return { adopted, ofOthers }
}

/** Null if the stored value is not one that this code stores. */
function ownerOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('owner' in value)) return null
  return typeof value.owner === 'string' ? value.owner : null
}

const isEdit = (value: unknown): value is OwnedEdit =>
  ownerOf(value) !== null &&
  typeof (value as Partial<OwnedEdit>).batchId === 'string' &&
  (value as Partial<OwnedEdit>).update instanceof Uint8Array

/** Aborts a transaction that may have ended by itself. */
function abort(tx: { abort(): void }): void {
  try {
    tx.abort()
  } catch {
    // The transaction has already ended.
  }
}

async function deleteBatch(edits: EditsStore, batchId: string): Promise<void> {
  const index = edits.index('batchId')
  for (let at = await index.openCursor(batchId); at !== null; at = await at.continue()) {
    await at.delete()
  }
}
