/** Edits of other tabs: showing them, and adopting them when their tab is gone. */
import type { StoredEdits } from '../../adoption.ts'
import { adoptNow, beginAdoption } from '../parts/adopting.ts'
import { restoreBatches } from '../parts/writing.ts'
import { emit, type Work } from '../work.ts'

/** Shows an edit of another tab, which sends it. */
export function hearEdit(work: Work, update: Uint8Array): void {
  // If read access was revoked, ignore edits relayed by tabs that still have it.
  if (work.state.reading.connection.phase !== 'stopped') show(work, update)
}

function show(work: Work, update: Uint8Array): void {
  const { outbox } = work.state.writing
  const source = { type: 'tab' } as const
  emit(work, { to: 'document', type: 'apply', update, decoded: null, source, outbox })
}

/** Takes over the edits of tabs that are gone, after the device store was asked, where there is one. */
export function adoptEdits(work: Work): void {
  const begun = beginAdoption(work)
  if (begun !== 'asked') finishAdoption(work, begun.stored)
}

/** @param stored the stored edits of pages that are gone; null where there is no store */
export function finishAdoption(work: Work, stored: StoredEdits | null): void {
  const adopted = adoptNow(work, stored)
  if (adopted.length === 0) return
  // Also while reading is refused: they are this tab's own now, and `resend()` makes batches of what the document
  // holds.
  for (const { batch } of adopted) show(work, batch.update)
  restoreBatches(
    work,
    adopted.map(({ batch }) => batch),
  )
}
