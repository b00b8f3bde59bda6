/** A join: state is read, compared with the document, and applied (SYNC-2). */
import { inOrder, unackedUpdates } from '../../outbox.ts'
import { unsentByOthers } from '../../unsent-of-others.ts'
import type { Comparison, DocumentEvent } from '../events.ts'
import type { LedgerState } from '../state.ts'
import { emit, forgetResume, record, set, setReading, type Work, withdrawResume } from '../work.ts'

type Compared = Extract<DocumentEvent, { type: 'compared' }>

/** True while the answer to a read of state is awaited. */
export const isReadingState = ({ reading }: LedgerState): boolean =>
  reading.connection.phase === 'joining' && reading.join.type === 'reading-state'

/** Compares before state is applied: the comparison needs the old document. */
export function compare(work: Work, state: Compared['state']): void {
  const { writing, reading, others, doubt, isRemaking } = work.state
  const unacked = unackedUpdates(writing.outbox)
  const sending = [
    ...(isRemaking ? [] : unacked),
    ...reading.ackedMeanwhile,
    ...unsentByOthers(others),
  ]
  const loaded = doubt.type === 'doubted' ? inOrder(doubt.loaded) : []
  emit(work, { to: 'document', type: 'compare', state, unacked, sending, loaded, isRemaking })
}

/**
 * Decides whether the document can part from its Y.Doc now.
 * - `wait`: the edits that the server lacks are unknown until it has answered for every posted batch
 * - `read-again`: state does not show what others see of the last row
 */
export function partingStep(
  { writing }: LedgerState,
  { isOutdated }: Extract<Comparison, { type: 'parted' }>,
): 'wait' | 'read-again' | 'part' {
  if (writing.unanswered.size > 0) return 'wait'
  return isOutdated ? 'read-again' : 'part'
}

export function awaitAnswers(work: Work): void {
  setReading(work, { join: { type: 'awaiting-answers' } })
}

/** True if the join goes on, because the server has answered for everything that was posted. */
export const areAnswersHere = ({ reading, writing }: LedgerState): boolean =>
  reading.connection.phase === 'joining' &&
  reading.join.type === 'awaiting-answers' &&
  writing.unanswered.size === 0

/**
 * The Y.Doc shows edits that no other client shows: reading stops for it, and its edits get new
 * ids.
 */
export function part(work: Work, { error }: Extract<Comparison, { type: 'parted' }>): void {
  emit(work, { to: 'document', type: 'part' })
  set(work, { document: { type: 'parted', error } })
  record(work, { type: 'whole' })
  forgetResume(work)
  withdrawResume(work)
}
