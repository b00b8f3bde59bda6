// The awareness of y-protocols with the clock and timers of a page instead of the global ones.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import { Copies, type Lease } from './kernel/copies.ts'
import { compileModule, type GlobalsOptions, type VirtualGlobals } from './kernel/globals.ts'

interface Exports {
  readonly Awareness: new (doc: Y.Doc) => Awareness
}

const nodeRequire = createRequire(import.meta.url)
const file = nodeRequire.resolve('y-protocols/awareness')
const awarenessModule = compileModule(readFileSync(file, 'utf8'), file)

function evaluate(globals: VirtualGlobals): Exports {
  const { Date: VirtualDate } = globals as { Date: DateConstructor }
  return awarenessModule(globals, (name) => {
    // y-protocols needs Yjs only for types, and a second copy of Yjs would print a warning.
    if (name === 'yjs') return {}
    const real = nodeRequire(nodeRequire.resolve(name, { paths: [file] }))
    return /time/.test(name) ? { ...real, getUnixTime: () => VirtualDate.now() } : real
  }) as unknown as Exports
}

const copies = new Copies(evaluate)

/** The awareness of a document in a page of a run. */
export const takeAwareness = (doc: Y.Doc, options: GlobalsOptions, lease: Lease): Awareness =>
  new (copies.take(options, lease).Awareness)(doc)

export const createAwareness = (doc: Y.Doc, globals: VirtualGlobals): Awareness =>
  new (evaluate(globals).Awareness)(doc)
