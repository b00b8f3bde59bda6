// Timers and clocks for code that reads them from the global scope: Electric's client and the server. The
// code is compiled as a function whose parameters have the names of these globals, so that it gets virtual
// ones while no real global is replaced.
import vm from 'node:vm'
import type { TaskOwner, Timeline } from './timeline.ts'

const NAMES = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'Date',
  'Math',
  'performance',
] as const

/** Not a real global: the name of the active mutant, in programs with mutants. */
const MUTANT = 'MUTANT'

export type VirtualGlobals = Record<(typeof NAMES)[number], unknown> & {
  readonly [MUTANT]?: string | null
}

export interface GlobalsOptions {
  readonly timeline: Pick<Timeline, 'after'>
  readonly owner: TaskOwner
  readonly now: () => number
  readonly random: () => number
}

/** @param options are read whenever a global is used, so that they may change */
export function virtualGlobals(options: GlobalsOptions): VirtualGlobals {
  type Task = (...args: unknown[]) => void
  const now = () => options.now()
  const setTimeout = (task: Task, ms = 0, ...args: unknown[]) => {
    const cancel = options.timeline.after(ms, options.owner, () => task(...args))
    return { cancel, unref: () => {}, ref: () => {} }
  }
  const setInterval = (task: Task, ms = 0, ...args: unknown[]) => {
    const timer = { cancel: () => {}, unref: () => {}, ref: () => {} }
    const again = () => {
      timer.cancel = options.timeline.after(ms, options.owner, () => {
        again()
        task(...args)
      })
    }
    again()
    return timer
  }
  const clear = (timer: { cancel?: () => void } | undefined) => timer?.cancel?.()
  class VirtualDate extends Date {
    constructor(...args: [] | [string | number | Date]) {
      super(args.length === 0 ? now() : args[0])
    }
    static override now(): number {
      return now()
    }
  }
  return {
    setTimeout,
    setInterval,
    clearTimeout: clear,
    clearInterval: clear,
    Date: VirtualDate,
    Math: Object.assign(Object.create(Math), { random: () => options.random() }),
    performance: { now },
  }
}

export type Require = (specifier: string) => unknown

/** Compiles a CommonJS module once. Each call evaluates it again with its own globals. */
export function compileModule(
  code: string,
  filename: string,
): (globals: VirtualGlobals, require: Require) => Record<string, unknown> {
  const evaluate = vm.compileFunction(code, ['module', 'exports', 'require', MUTANT, ...NAMES], {
    filename,
  })
  return (globals, require) => {
    const module = { exports: {} as Record<string, unknown> }
    evaluate(
      module,
      module.exports,
      require,
      globals[MUTANT] ?? null,
      ...NAMES.map((name) => globals[name]),
    )
    return module.exports
  }
}
