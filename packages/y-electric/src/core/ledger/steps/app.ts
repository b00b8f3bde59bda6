/** Events that come from the app, the page and the compactor. */
import { ElectricProviderError } from '../../../errors.ts'
import type { AppEvent } from '../events.ts'
import { refusedBatch } from '../facts.ts'
import { mayLook } from '../parts/adopting.ts'
import { closeReading, joinAgain, noteFolded, openReading, readFailed } from '../parts/reading.ts'
import { closeWriting, forgetReadOnly } from '../parts/writing.ts'
import { doubt, emit, isWithTabs, record, set, type Work, withdrawResume } from '../work.ts'
import { closeAll, openAll } from './opening.ts'
import { adoptEdits } from './others.ts'

type Event<Type extends AppEvent['type']> = Extract<AppEvent, { type: Type }>

export function appStep(work: Work, event: AppEvent): void {
  switch (event.type) {
    case 'open':
      openAll(work)
      return
    case 'close':
      closeAll(work)
      return
    case 'reconnect':
      closeWriting(work)
      forgetReadOnly(work)
      emit(work, { to: 'compactor', type: 'forget-refusal' })
      emit(work, { to: 'presence', type: 'interrupt' })
      closeReading(work)
      openAll(work)
      return
    case 'resend':
      if (refusedBatch(work.state) === null) return
      set(work, { isRemaking: true })
      closeReading(work)
      openReading(work, null)
      return
    case 'online':
      emit(work, { to: 'reader', type: 'hasten' })
      emit(work, { to: 'writer', type: 'hasten' })
      return
    case 'folded':
      noteFolded(work, event.snapshotBytes)
      return
    case 'user-moved':
      if (isWithTabs(work.state)) emit(work, { to: 'tabs', type: 'moved', user: event.user })
      return
    case 'look':
      if (!work.state.isWanted) return
      emit(work, { to: 'app', type: 'look-later' })
      if (mayLook(work)) adoptEdits(work)
      return
    case 'broken':
      recover(work, event)
      return
    case 'effect-failed':
      effectFailed(work, event)
  }
}

/** Comparing with state finds whatever the server lacks. */
function recover(work: Work, { problem, cause }: Event<'broken'>): void {
  const message = `internal error: a rule of the provider was broken; the document is read again: ${problem}`
  const error = new ElectricProviderError('internal', message, { cause })
  emit(work, { to: 'app', type: 'report', error, side: null })
  // A parted document is not read any more, and has no resume point.
  if (work.state.document.type === 'parted') return
  doubt(work)
  // The edit of a step that failed was not recorded.
  record(work, { type: 'whole' })
  withdrawResume(work)
  joinAgain(work)
}

/** A join whose document could not be compared or applied is tried again after a wait. */
function effectFailed(work: Work, { isOfJoin, cause }: Event<'effect-failed'>): void {
  const error = new ElectricProviderError('internal', 'internal error in the provider', { cause })
  if (isOfJoin && work.state.reading.connection.phase === 'joining')
    readFailed(work, { type: 'read-failed', error, isTransient: true, position: null })
  else emit(work, { to: 'app', type: 'report', error, side: null })
}
