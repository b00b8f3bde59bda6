// The trace of a run, with one line for each event. Two runs of one seed have the same trace, which tests
// compare by its hash.
import { createHash } from 'node:crypto'
import { START } from './timeline.ts'

export class Trace {
  readonly #now: () => number
  readonly #lines: string[] = []

  constructor(now: () => number) {
    this.#now = now
  }

  note(who: string, what: string): void {
    this.#lines.push(`${String(this.#now() - START).padStart(8)} ms  ${who.padEnd(10)} ${what}`)
  }

  get lines(): readonly string[] {
    return this.#lines
  }

  hash(): string {
    return createHash('sha256').update(this.#lines.join('\n')).digest('hex')
  }
}
