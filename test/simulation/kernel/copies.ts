// Evaluated copies of a module, each with its own virtual globals. Evaluating a large module takes longer
// than most short runs, and creates new classes, for which V8 has to optimise the code again. So a run
// returns its copies when it has ended, and later runs use them with other globals.
import { type GlobalsOptions, type VirtualGlobals, virtualGlobals } from './globals.ts'

/** The copies that one run has taken. */
export class Lease {
  readonly #returns: (() => void)[] = []

  onEnd(giveBack: () => void): void {
    this.#returns.push(giveBack)
  }

  /** Returns all copies. No code of the run may continue after this. */
  end(): void {
    for (const giveBack of this.#returns.splice(0)) giveBack()
  }
}

interface Copy<Exports> {
  readonly exports: Exports
  /** The globals read these options whenever they are used. */
  readonly options: { -readonly [Name in keyof GlobalsOptions]: GlobalsOptions[Name] }
}

export class Copies<Exports> {
  readonly #evaluate: (globals: VirtualGlobals) => Exports
  /** Resets the state of the module to its state after the evaluation. */
  readonly #reset: (exports: Exports) => void
  readonly #free: Copy<Exports>[] = []

  constructor(
    evaluate: (globals: VirtualGlobals) => Exports,
    reset: (exports: Exports) => void = () => {},
  ) {
    this.#evaluate = evaluate
    this.#reset = reset
  }

  /** Takes a copy that no other run uses until this run has ended. */
  take(options: GlobalsOptions, lease: Lease): Exports {
    const copy = this.#free.pop() ?? this.#make(options)
    Object.assign(copy.options, options)
    this.#reset(copy.exports)
    lease.onEnd(() => {
      Object.assign(copy.options, UNUSED)
      this.#free.push(copy)
    })
    return copy.exports
  }

  #make(options: GlobalsOptions): Copy<Exports> {
    const own = { ...options }
    return { exports: this.#evaluate(virtualGlobals(own)), options: own }
  }
}

const refuse = (): never => {
  throw new Error('a run has ended, but its code asks for a clock or a timer')
}

/** The globals of a copy that no run uses. */
const UNUSED: GlobalsOptions = {
  timeline: { after: refuse },
  owner: { runsAt: refuse, run: refuse },
  now: refuse,
  random: refuse,
}
