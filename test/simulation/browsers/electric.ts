// Electric's own client, evaluated with timers of a page.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { ElectricProviderOptions } from 'y-electric'
import { compileModule, type VirtualGlobals } from '../kernel/globals.ts'

export type Platform = NonNullable<ElectricProviderOptions['platform']>

const file = createRequire(import.meta.url).resolve('@electric-sql/client')
const client = compileModule(readFileSync(file, 'utf8'), file)

export function loadElectricClient(globals: VirtualGlobals): Platform['ShapeStream'] {
  const { ShapeStream } = client(globals, (name) => {
    throw new Error(`Electric's client requires ${name}`)
  })
  return ShapeStream as Platform['ShapeStream']
}
