import { isComplete, mergeCounts } from '../core/stored-log.ts'
import type { LocalDocument, LocalStore, OnLost, Persistence, TakenOver } from './local-store.ts'
import { readBatches, StoreLog } from './store-log.ts'
import { readPoint, readUpdate } from './stored-values.ts'

/** What a store gave back, after it was checked. */
export interface CheckedDocument extends LocalDocument {
  /** What is missing or cannot be read, in words; empty when the store gave back all that it was given. */
  readonly damage: readonly string[]
}

/** The same of the edits of pages that are gone. */
export interface CheckedEdits extends TakenOver {
  readonly damage: readonly string[]
}

/** A store whose answers have been checked. */
export interface CheckedStore extends LocalStore {
  load(): Promise<CheckedDocument>
  takeOver(): Promise<CheckedEdits>
}

/** Opens such stores. */
export interface CheckedPersistence {
  open(key: string, onLost: OnLost): Promise<CheckedStore>
}

/** @param freshId makes the name of a page, and names for edits that have lost theirs */
export const checkedPersistence = (
  persistence: Persistence,
  freshId: () => string,
): CheckedPersistence => ({
  open: async (key, onLost) => checkedStore(await persistence.open(key, onLost), freshId),
})

/**
 * Notices when a store does not give back what it was given, whichever store it is: updates, edits and
 * resume point go in with a digest each and as a numbered log (see core/stored-log.ts). What is damaged is
 * named, never handed on, and no resume point is handed on with it.
 *
 * Stores of earlier versions hold plain updates. They are read as they are, without their resume point:
 * joining once writes everything anew.
 */
function checkedStore(inner: LocalStore, freshId: () => string): CheckedStore {
  const log = new StoreLog(freshId())
  return {
    async load() {
      const kept = await inner.load()
      const read = listOf(kept.updates).map(readUpdate)
      const records = read.flatMap((one) => ('record' in one ? [one.record] : []))
      const { batches, records: ofEdits, damage } = log.own(listOf(kept.batches))
      const resume = readPoint(kept.resume, records.length > 0)
      const hasUnsentOfOthers = Boolean(kept.hasUnsentOfOthers)
      damage.push(...read.flatMap((one) => ('problem' in one ? [one.problem] : [])))
      if ('problem' in resume) damage.push(resume.problem)
      const ofResume = 'records' in resume ? resume.records : new Map()
      if (!isComplete(records, mergeCounts(ofResume, ofEdits)))
        damage.push('stored updates are missing')
      // Which edits pages that are alive have without an ack is not told.
      if (!hasUnsentOfOthers) damage.push(...log.lostFrom(records))
      log.seen(records)
      return {
        updates: read.flatMap((one) => ('updates' in one ? one.updates : [])),
        batches,
        resume: damage.length === 0 && 'point' in resume ? resume.point : null,
        hasUnsentOfOthers,
        damage,
      }
    },

    async takeOver() {
      const taken = await inner.takeOver()
      const { batches, damage } = log.own(listOf(taken.batches), true)
      const { batches: ofOthers } = readBatches(listOf(taken.ofOthers))
      return { batches, ofOthers, damage }
    },

    commit: (change) => inner.commit(log.written(change)),
    close: () => inner.close(),
  }
}

/** What a store hands over may be anything. */
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])
