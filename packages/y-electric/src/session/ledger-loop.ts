import type { LedgerEffect } from '../core/ledger/effects.ts'
import type { LedgerEvent } from '../core/ledger/events.ts'
import { ledgerStep } from '../core/ledger/ledger.ts'
import type { LedgerState } from '../core/ledger/state.ts'
import type { LedgerContext } from '../core/ledger/work.ts'

export interface LedgerLoopOptions {
  readonly state: LedgerState
  readonly context: () => LedgerContext
  readonly run: (effect: LedgerEffect) => void
  /** Called once after an event, and all events that it led to, were handled. */
  readonly onSettled: () => void
}

/** Holds the one state of a session: takes events one after the other, and runs their effects in order. */
export class LedgerLoop {
  readonly #options: LedgerLoopOptions
  #state: LedgerState
  #queue: LedgerEvent[] = []
  #isRunning = false

  constructor(options: LedgerLoopOptions) {
    this.#options = options
    this.#state = options.state
  }

  get state(): LedgerState {
    return this.#state
  }

  /** Takes an event. An event that comes while another one is handled is handled after it. */
  readonly dispatch = (event: LedgerEvent): void => {
    this.#queue.push(event)
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      this.#drain()
    } finally {
      this.#isRunning = false
    }
    this.#options.onSettled()
  }

  #drain(): void {
    const { context, run } = this.#options
    while (this.#queue.length > 0) {
      const events = this.#queue
      this.#queue = []
      for (const event of events) {
        const { state, effects } = ledgerStep(this.#state, event, context())
        this.#state = state
        for (const effect of effects) run(effect)
      }
    }
  }
}
