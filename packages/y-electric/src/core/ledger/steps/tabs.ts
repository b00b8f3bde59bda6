/** Events that come from the other tabs of the browser. */
import {
  heardAdopted,
  heardCut,
  heardEdit,
  heardSettled,
  introduced,
  isIntroduced,
  tabGone,
  type UnsentOfOthers,
  unsentOf,
} from '../../unsent-of-others.ts'
import type { TabEvent } from '../events.ts'
import { isLeftBehind } from '../parts/adopting.ts'
import { noteAcked } from '../parts/reading.ts'
import { emit, isWithTabs, set, type Work } from '../work.ts'
import { adoptEdits, hearEdit } from './others.ts'

export function tabsStep(work: Work, event: TabEvent): void {
  if (!isWithTabs(work.state)) return
  const { state, context } = work
  const { others } = state
  switch (event.type) {
    case 'tab-hello':
      set(work, { others: introduced(others, event.tab, event.unsent, context.now) })
      for (const { update } of event.unsent) hearEdit(work, update)
      if (!event.isAnswer) {
        const unsent = unsentOf(state.writing.outbox)
        emit(work, { to: 'tabs', type: 'introduce', unsent })
      }
      return
    case 'tab-edit':
      hear(work, event, () => heardEdit(others, event.tab, event, context.now))
      return
    case 'tab-cut':
      hear(work, event, () => heardCut(others, event.tab, event, context.now))
      return
    case 'tab-adopted':
      hear(work, event, () => heardAdopted(others, event.tab, event, context.now))
      return
    case 'tab-settled': {
      const settled = heardSettled(others, event.tab, event.batchId)
      set(work, { others: settled.others })
      noteAcked(work, settled.updates)
      return
    }
    case 'tab-gone':
      set(work, { others: tabGone(others, event.tab, context.now) })
      if (state.tabs.type === 'leading') adoptEdits(work)
      return
    case 'led':
      set(work, { tabs: { type: 'leading' } })
      adoptEdits(work)
      return
    case 'deposed':
      set(work, { tabs: { type: 'following' } })
      return
    case 'beat':
      if (isLeftBehind(work)) adoptEdits(work)
      return
    case 'tab-user':
      emit(work, { to: 'presence', type: 'hear', user: event.user })
      return
    case 'tab-user-left':
      emit(work, { to: 'presence', type: 'forget', clientId: event.clientId })
  }
}

/**
 * Messages of a tab that has not introduced itself are ignored: they may build on earlier messages,
 * and its introduction will contain both.
 */
function hear(
  work: Work,
  { tab, update }: { tab: string; update: Uint8Array },
  known: () => UnsentOfOthers,
): void {
  if (!isIntroduced(work.state.others, tab)) return
  set(work, { others: known() })
  hearEdit(work, update)
}
