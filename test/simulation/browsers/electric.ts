// Electric's own client, evaluated with timers of a page.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { ElectricProviderOptions } from 'y-electric'
import { Copies, type Lease } from '../kernel/copies.ts'
import { compileModule, type GlobalsOptions, type VirtualGlobals } from '../kernel/globals.ts'

export type Platform = NonNullable<ElectricProviderOptions['platform']>

interface Exports {
  readonly ShapeStream: Platform['ShapeStream']
  /** Added here: resets the state that the module keeps about the shapes of a page. */
  readonly forgetPage: () => void
}

/** The state of the module, which is created again for a new page. */
const STATE = [
  ['expiredShapesCache', 'new ExpiredShapesCache()'],
  ['upToDateTracker', 'new UpToDateTracker()'],
] as const

const file = createRequire(import.meta.url).resolve('@electric-sql/client')
const client = compileModule(withForgetting(readFileSync(file, 'utf8')), file)

const evaluate = (globals: VirtualGlobals): Exports =>
  client(globals, (name) => {
    throw new Error(`Electric's client requires ${name}`)
  }) as unknown as Exports

const copies = new Copies(evaluate, ({ forgetPage }) => forgetPage())

/** The client of a new page. */
export const takeElectricClient = (options: GlobalsOptions, lease: Lease): Exports['ShapeStream'] =>
  copies.take(options, lease).ShapeStream

export const loadElectricClient = (globals: VirtualGlobals): Exports['ShapeStream'] =>
  evaluate(globals).ShapeStream

function withForgetting(source: string): string {
  for (const [name, made] of STATE) {
    if (source.split(`var ${name} = ${made};`).length === 2) continue
    throw new Error(
      `Electric's client keeps its state elsewhere: \`${name} = ${made}\` is not there`,
    )
  }
  const anew = STATE.map(([name, made]) => `${name} = ${made}`).join('; ')
  return `${source}\nmodule.exports.forgetPage = () => { ${anew} }`
}
