import { isComplete, mergeCounts } from '../core/stored-log.ts'
import type { DeviceDocument, DeviceStore, OnLost, Persistence, TakenOver } from './device-store.ts'
import { readBatches, StoreLog } from './store-log.ts'
import { problemsOfLeftOut, readPoint, readUpdate } from './stored-values.ts'

/** A document as loaded from a store, after the checks: a resume point is believed only if all content is whole (DEV-1). */
export interface CheckedDocument extends DeviceDocument {
  /** Descriptions of missing or unreadable data; empty if the store returned everything that it was given. */
  readonly damage: readonly string[]
}

/** The edits of pages that are gone, after the checks. */
export interface CheckedEdits extends TakenOver {
  readonly damage: readonly string[]
}

/** A store whose answers have been checked. */
export interface CheckedStore extends DeviceStore {
  load(): Promise<CheckedDocument>
  takeOver(): Promise<CheckedEdits>
}

/** Opens checked stores. */
export interface CheckedPersistence extends Pick<Persistence, 'openWithinMs'> {
  open(key: string, onLost: OnLost): Promise<CheckedStore>
}

/** @param freshId makes the name of a page, and names for edits that lost theirs */
export const checkedPersistence = (
  persistence: Persistence,
  freshId: () => string,
): CheckedPersistence => ({
  ...(persistence.openWithinMs !== undefined && { openWithinMs: persistence.openWithinMs }),
  open: async (key, onLost) => checkedStore(await persistence.open(key, onLost), freshId),
})

/**
 * Detects any store that does not return what it was given: each update, edit and resume point is
 * stored with a digest and as part of a numbered log (see core/stored-log.ts). Damaged data is
 * reported and never passed on. If any data is damaged, the resume point is not passed on either.
 *
 * Stores of earlier versions hold plain updates. They are read as they are, without their resume
 * point; one join rewrites everything.
 */
function checkedStore(inner: DeviceStore, freshId: () => string): CheckedStore {
  const log = new StoreLog(freshId())
  return {
    async load() {
      const kept = await inner.load()
      const read = listOf(kept.updates).map(readUpdate)
      const good = read.flatMap((one) => ('updates' in one ? [one] : []))
      const records = good.flatMap(({ record }) => record ?? [])
      const { batches, records: ofEdits, damage } = log.own(listOf(kept.batches))
      const resume = readPoint(kept.resume, records.length > 0)
      const unsentOfOthers = listOf(kept.ofOthers)
      damage.push(...read.flatMap((one) => ('problem' in one ? [one.problem] : [])))
      if ('problem' in resume) damage.push(resume.problem)
      const ofResume = 'records' in resume ? resume.records : new Map()
      const wanted = mergeCounts(ofResume, ofEdits)
      if (!isComplete(records, wanted)) damage.push('stored updates are missing')
      // The store does not report which unacked edits belong to pages that are still open.
      if (unsentOfOthers.length === 0) {
        damage.push(...log.lostFrom(records))
        const leftOut = good.flatMap((one) => one.leftOut)
        damage.push(...problemsOfLeftOut(leftOut, batches))
      }
      log.seen(records, wanted)
      return {
        updates: good.flatMap(({ updates }) => updates),
        batches,
        ofOthers: readBatches(unsentOfOthers).batches,
        // Edits of another page, which may not get to send them, are compared with state.
        resume:
          damage.length === 0 && unsentOfOthers.length === 0 && 'point' in resume
            ? resume.point
            : null,
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

/** A list from a store, which can return any value. */
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])
