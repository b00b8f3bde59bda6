import { assertLedger } from '../core/ledger/assert.ts'
import type { LedgerEffect } from '../core/ledger/effects.ts'
import type { LedgerEvent } from '../core/ledger/events.ts'
import { ledgerStep } from '../core/ledger/ledger.ts'
import type { LedgerState } from '../core/ledger/state.ts'
import type { LedgerContext } from '../core/ledger/work.ts'

export interface LedgerLoopOptions {
  readonly state: LedgerState
  readonly context: () => LedgerContext
  readonly run: (effect: LedgerEffect) => void
  /** Called once after an event, and all events that it caused, were handled. */
  readonly onSettled: () => void
}

/**
 * Holds the one state of a session: handles events one after the other, and runs their effects in
 * order.
 */
export class LedgerLoop {
  readonly #options: LedgerLoopOptions
  #state: LedgerState
  readonly #queue: LedgerEvent[] = []
  #isRunning = false
  /** Edits that could not be handled. They are handled once more, before the next event. */
  #failed: LedgerEvent[] = []
  readonly #repeated = new WeakSet<LedgerEvent>()
  /** True from a step that broke a rule until one that did not. */
  #isBroken = false

  constructor(options: LedgerLoopOptions) {
    this.#options = options
    this.#state = options.state
  }

  get state(): LedgerState {
    return this.#state
  }

  /** Takes an event. An event that comes while another one is handled is handled after it. */
  readonly dispatch = (event: LedgerEvent): void => {
    if (this.#isRunning) {
      this.#queue.push(event)
      return
    }
    this.#queue.push(...this.#failed, event)
    this.#failed = []
    this.#isRunning = true
    try {
      this.#drain()
    } finally {
      this.#isRunning = false
    }
    this.#options.onSettled()
  }

  #drain(): void {
    const queue = this.#queue
    // Events that arrive meanwhile are appended to the same list.
    for (let next = 0; next < queue.length; next++) {
      const event = queue[next]
      if (event !== undefined) this.#handle(event)
    }
    queue.length = 0
  }

  #handle(event: LedgerEvent): void {
    const before = this.#state
    let effects: readonly LedgerEffect[]
    try {
      const step = ledgerStep(before, event, this.#options.context())
      this.#state = step.state
      effects = step.effects
    } catch (cause) {
      this.#repeatLater(event)
      this.#break(event, 'internal error: an event could not be handled', cause)
      return
    }
    const problem = assertLedger(before, event, this.#state)
    for (const effect of effects) this.#run(effect)
    if (problem === null) this.#isBroken = false
    else this.#break(event, problem)
  }

  #run(effect: LedgerEffect): void {
    try {
      this.#options.run(effect)
    } catch (cause) {
      if (effect.to === 'document' && effect.type === 'apply') {
        // The document lacks the update, and the stream has passed it: only state still has it.
        this.#queue.push({ type: 'broken', problem: 'an update could not be applied', cause })
        return
      }
      const isOfJoin =
        effect.to === 'document' && (effect.type === 'compare' || effect.type === 'apply-state')
      this.#queue.push({ type: 'effect-failed', isOfJoin, cause })
    }
  }

  /**
   * An edit that is not in the outbox is on this device at best, and other tabs cannot adopt it. The cause may have
   * passed at the next event: a lack of memory or of randomness, for example.
   */
  #repeatLater(event: LedgerEvent): void {
    if (event.type !== 'edited' || this.#repeated.has(event)) return
    this.#repeated.add(event)
    this.#failed.push(event)
  }

  /**
   * Reports a broken rule only when it breaks: the client reads the document again, which it would
   * otherwise do for ever.
   */
  #break(event: LedgerEvent, problem: string, cause?: unknown): void {
    if (this.#isBroken || event.type === 'broken') return
    this.#isBroken = true
    this.#queue.push({ type: 'broken', problem, cause })
  }
}
