/**
 * The ledger: one pure state machine that knows where each edit lives. A step takes the state and an event,
 * and returns the next state and the effects to run, in this order.
 *
 *   ledger ──▶ steps (one file per source of events) ──▶ parts (one file per part of the state) ──▶ work ──▶ state
 *
 * A part knows the state and no other part; steps combine parts.
 */
import type { LedgerEffect } from './effects.ts'
import type { LedgerEvent } from './events.ts'
import { areAnswersHere } from './parts/joining.ts'
import { readStateAgain } from './parts/reading.ts'
import { settleResume } from './parts/resuming.ts'
import type { LedgerState } from './state.ts'
import { appStep } from './steps/app.ts'
import { deviceStep } from './steps/device.ts'
import { documentStep } from './steps/document.ts'
import { readerStep } from './steps/reader.ts'
import { tabsStep } from './steps/tabs.ts'
import { writerStep } from './steps/writer.ts'
import type { LedgerContext, Work } from './work.ts'

export interface LedgerStep {
  readonly state: LedgerState
  readonly effects: readonly LedgerEffect[]
}

export function ledgerStep(
  state: LedgerState,
  event: LedgerEvent,
  context: LedgerContext,
): LedgerStep {
  const work: Work = { state, effects: [], context }
  handle(work, event)
  if (areAnswersHere(work.state)) readStateAgain(work)
  settleResume(work)
  return { state: work.state, effects: work.effects }
}

function handle(work: Work, event: LedgerEvent): void {
  switch (event.type) {
    case 'open':
    case 'close':
    case 'reconnect':
    case 'resend':
    case 'online':
    case 'folded':
    case 'user-moved':
    case 'look':
    case 'broken':
    case 'effect-failed':
      appStep(work, event)
      return
    case 'edited':
    case 'foreign-load':
    case 'kept-applied':
    case 'applied':
    case 'compared':
    case 'state-applied':
      documentStep(work, event)
      return
    case 'flush':
    case 'write-retry':
    case 'acked':
    case 'write-failed':
    case 'write-refused':
      writerStep(work, event)
      return
    case 'state-read':
    case 'read-failed':
    case 'message':
    case 'reached':
    case 'silent':
    case 'asking':
    case 'live-answered':
    case 'read-retry':
      readerStep(work, event)
      return
    case 'tab-hello':
    case 'tab-edit':
    case 'tab-cut':
    case 'tab-adopted':
    case 'tab-settled':
    case 'tab-gone':
    case 'led':
    case 'deposed':
    case 'beat':
    case 'tab-user':
    case 'tab-user-left':
      tabsStep(work, event)
      return
    case 'device-loaded':
    case 'device-stored':
    case 'device-lost':
    case 'device-damaged':
    case 'taken-over':
      deviceStep(work, event)
  }
}
