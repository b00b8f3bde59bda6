import { Session } from 'node:inspector'

/** The code whose blocks count: this repository, and the libraries that decode bytes. */
const WATCHED = /\/(packages\/[^/]+\/src|node_modules\/(yjs|lib0|y-protocols))\//

/**
 * Detects whether inputs reach code that no input reached before, by V8's own block coverage.
 *
 * V8 reports most blocks only once, so a read is fast (about 1 ms) when most code is known. It covers all
 * inputs since the last read.
 */
export class Coverage {
  readonly #session = new Session()
  readonly #reached = new Set<string>()

  constructor() {
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true })
  }

  /** The number of blocks reached so far. */
  get blocks(): number {
    return this.#reached.size
  }

  /** True if blocks were reached since the last call that were not reached before. */
  hasGrown(): boolean {
    const before = this.#reached.size
    // An in-process session answers before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error !== null) throw error
      for (const { url, scriptId, functions } of answer.result) {
        if (!WATCHED.test(url)) continue
        for (const { startOffset, endOffset, count } of functions.flatMap(({ ranges }) => ranges)) {
          if (count > 0) this.#reached.add(`${scriptId}:${startOffset}-${endOffset}`)
        }
      }
    })
    return this.#reached.size > before
  }

  close(): void {
    this.#session.post('Profiler.stopPreciseCoverage')
    this.#session.disconnect()
  }
}
