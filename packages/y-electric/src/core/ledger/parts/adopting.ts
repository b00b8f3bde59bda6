/**
 * Taking over the unsent edits of tabs that are gone: the ones that other tabs received and the
 * ones in the device store (TAB-1).
 */
import { type Adopted, adopt, isCoveredBy, type StoredEdits } from '../../adoption.ts'
import { adoptedHere, hasUnsent, orphansOf } from '../../unsent-of-others.ts'
import { emit, isWithTabs, record, set, type Work } from '../work.ts'

/** Edits that their tab left behind for this long are adopted by any tab that knows of them. Milliseconds. */
const ORPHANED_AFTER_MS = 2_000

/** The answer of a device store that is lost. */
const NOTHING_STORED: StoredEdits = { batches: [], ofOthers: [] }

/**
 * Asks the device store for edits of pages that are gone, since its content decides under which id they
 * are sent. One pass at a time: what is being adopted must not be adopted again.
 * @returns what the store has, if that is known at once; null where there is no store
 */
export function beginAdoption(work: Work): { stored: StoredEdits | null } | 'asked' {
  const { device, adoption } = work.state
  if (device.type === 'absent') return { stored: null }
  if (device.type === 'lost') return { stored: NOTHING_STORED }
  const isAgain = adoption.pass.type === 'asking-store'
  set(work, { adoption: { ...adoption, pass: { type: 'asking-store', isAgain } } })
  if (!isAgain) emit(work, { to: 'device', type: 'take-over' })
  return 'asked'
}

/**
 * The store has answered.
 * @returns true if another pass was asked for meanwhile
 */
export function endPass(work: Work): boolean {
  const { adoption } = work.state
  const { pass } = adoption
  set(work, { adoption: { ...adoption, pass: { type: 'none' } } })
  return pass.type === 'asking-store' && pass.isAgain
}

/**
 * Decides which edits this tab sends from now on, and tells the device and the other tabs.
 * @param stored what the store had when it was asked; orphans are read now, since other tabs may have adopted
 * some meanwhile
 */
export function adoptNow(work: Work, stored: StoredEdits | null): readonly Adopted[] {
  const { taken } = work.state.adoption
  const orphans = orphansOf(work.state.others).filter((orphan) => {
    const isMine = taken.some((batch) => isCoveredBy(batch, orphan))
    if (isMine) disown(work, orphan.batchId, orphan.update)
    return !isMine
  })
  const adopted = adopt(orphans, stored, work.context.freshId)
  if (stored !== null && stored.batches.length > 0) {
    const { adoption } = work.state
    set(work, { adoption: { ...adoption, taken: [...taken, ...stored.batches] } })
  }
  for (const { batch, isStored, formerId, replacesStored } of adopted) {
    const { batchId, update } = batch
    if (!isStored) record(work, { type: 'edit', edit: batch })
    if (replacesStored) record(work, { type: 'settled', batchId: formerId })
    disown(work, formerId, update)
    if (isWithTabs(work.state))
      emit(work, { to: 'tabs', type: 'adopted', batchId, update, formerId })
  }
  return adopted
}

/** True if this tab should look for edits in the store: of several tabs, the leader does it. */
export function mayLook(work: Work): boolean {
  const { tabs } = work.state
  return tabs.type === 'alone' || tabs.type === 'leading'
}

/** True if a tab that does not lead should adopt: the leader has not, so it does not know of the edits. */
export function isLeftBehind(work: Work): boolean {
  const { others, adoption } = work.state
  if (others.orphans.size === 0 || others.goneAt === null) return false
  return adoption.pass.type === 'none' && work.context.now - others.goneAt > ORPHANED_AFTER_MS
}

function disown(work: Work, batchId: string, update: Uint8Array): void {
  if (hasUnsent(work.state.others))
    set(work, { others: adoptedHere(work.state.others, batchId, update) })
}
