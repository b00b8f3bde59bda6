/** Events that come from the app, the page and the compactor. */
import { ElectricProviderError } from '../../../errors.ts'
import type { AppEvent } from '../events.ts'
import { refusedBatch } from '../facts.ts'
import { mayLook } from '../parts/adopting.ts'
import { closeReading, joinAgain, noteFolded, openReading } from '../parts/reading.ts'
import { closeWriting, forgetReadOnly } from '../parts/writing.ts'
import { doubt, emit, isWithTabs, set, type Work, withdrawResume } from '../work.ts'
import { closeAll, openAll } from './opening.ts'
import { adoptEdits } from './others.ts'

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
      recover(work, event.problem)
  }
}

/** An assertion failed: comparing with state finds whatever the server lacks. */
function recover(work: Work, problem: string): void {
  const error = new ElectricProviderError('internal', problem)
  emit(work, { to: 'app', type: 'report', error, side: null })
  doubt(work)
  withdrawResume(work)
  joinAgain(work)
}
