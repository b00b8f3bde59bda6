// The trace of a run, with one line for each event. Two runs of one seed have the same trace, which tests
// compare by its hash.
import { createHash } from 'node:crypto'
import { START } from './timeline.ts'

export class Trace {
  readonly #now: () => number
  readonly #lines: string[] = []
  readonly #hash = createHash('sha256')

  constructor(now: () => number) {
    this.#now = now
  }

  note(who: string, what: string): void {
    const line = `${String(this.#now() - START).padStart(8)} ms  ${who.padEnd(10)} ${what}`
    this.#hash.update(`${line}\n`)
    this.#lines.push(line)
  }

  get lines(): readonly string[] {
    return this.#lines
  }

  hash(): string {
    return this.#hash.copy().digest('hex')
  }
}
