// The run in which each planted fault is caught. Repeating that run is much faster than searching for it.
import { readFileSync } from 'node:fs'

export interface Catch {
  readonly seed: number
  /** The rule that the fault breaks in that run. */
  readonly rule: string
}

export type Catches = Readonly<Record<string, Catch>>

/** `npm run simulate -- --record` writes this file. */
export const CAUGHT_FILE = new URL('./caught.json', import.meta.url)

export const readCatches = (): Catches => JSON.parse(readFileSync(CAUGHT_FILE, 'utf8')) as Catches
