import { BadRows } from '../core/bad-rows.ts'
import {
  awaitedSince,
  factsOf,
  isLossAtRisk,
  keepIfEqual,
  mayFactsDiffer,
  type ProviderFacts,
} from '../core/ledger/facts.ts'
import type { LedgerState } from '../core/ledger/state.ts'
import { ElectricProviderError } from '../errors.ts'
import type { Clock } from '../io/clock.ts'
import { CloseWarning } from '../io/page.ts'
import type { Platform } from '../io/platform.ts'
import { Patience } from './patience.ts'

export interface NoticesOptions {
  readonly clock: Clock
  readonly platform: Pick<Platform, 'page'>
  readonly warnOnClose: boolean
  readonly onFacts: (facts: ProviderFacts) => void
  readonly onError: (error: ElectricProviderError) => void
}

/**
 * Notifies the app of changes: first facts, then errors, once for everything that an event caused.
 */
export class Notices {
  readonly #options: NoticesOptions
  readonly #patience: Patience
  readonly #closeWarning: CloseWarning
  readonly #badRows = new BadRows()
  #facts: ProviderFacts
  /** The state of which the app was last notified. */
  #told: LedgerState
  #errors: ElectricProviderError[] = []

  /** @param state returns the current state of the ledger */
  constructor(options: NoticesOptions, state: () => LedgerState) {
    this.#options = options
    this.#closeWarning = new CloseWarning(options.platform.page)
    this.#told = state()
    this.#facts = factsOf(this.#told, options.clock.now())
    this.#patience = new Patience(options.clock, () => this.#tellFacts(state()))
    this.#warn(this.#told)
  }

  /** The same object as long as no fact changes. */
  get facts(): ProviderFacts {
    return this.#facts
  }

  /** Notes an error; the app is notified of it after the facts. */
  readonly report = (error: ElectricProviderError): void => {
    this.#errors.push(error)
  }

  /** Notes a bad row, unless one with the same bytes was reported before. */
  reportBadRow(message: string, data: Uint8Array | null): void {
    if (data !== null && !this.#badRows.isNew(data)) return
    this.report(new ElectricProviderError('bad_row', message))
  }

  /** Notifies the app of everything that an event and its consequences have changed. */
  tell(state: LedgerState): void {
    const before = this.#told
    this.#told = state
    if (mayFactsDiffer(before, state)) this.#tellFacts(state)
    this.#tellErrors()
  }

  #tellFacts(state: LedgerState): void {
    const { clock, onFacts } = this.#options
    this.#warn(state)
    this.#patience.note(awaitedSince(state))
    const before = this.#facts
    this.#facts = keepIfEqual(before, factsOf(state, clock.now()))
    if (this.#facts !== before) onFacts(this.#facts)
  }

  #tellErrors(): void {
    if (this.#errors.length === 0) return
    const errors = this.#errors
    this.#errors = []
    for (const error of errors) this.#options.onError(error)
  }

  end(): void {
    this.#closeWarning.end()
  }

  #warn(state: LedgerState): void {
    this.#closeWarning.set(this.#options.warnOnClose && isLossAtRisk(state))
  }
}
