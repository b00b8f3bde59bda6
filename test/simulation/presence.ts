// The awareness of y-protocols with the clock and timers of a page instead of the global ones.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import { compileModule, type VirtualGlobals } from './kernel/globals.ts'

const nodeRequire = createRequire(import.meta.url)
const file = nodeRequire.resolve('y-protocols/awareness')
const awarenessModule = compileModule(readFileSync(file, 'utf8'), file)

export function createAwareness(doc: Y.Doc, globals: VirtualGlobals): Awareness {
  const { Date: VirtualDate } = globals as { Date: DateConstructor }
  const loaded = awarenessModule(globals, (name) => {
    // y-protocols needs Yjs only for types, and a second copy of Yjs would print a warning.
    if (name === 'yjs') return {}
    const real = nodeRequire(nodeRequire.resolve(name, { paths: [file] }))
    return /time/.test(name) ? { ...real, getUnixTime: () => VirtualDate.now() } : real
  })
  const { Awareness: Class } = loaded as { Awareness: new (doc: Y.Doc) => Awareness }
  return new Class(doc)
}
