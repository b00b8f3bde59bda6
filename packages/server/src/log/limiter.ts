/** A part that the server depends on, and that can fail and recover. */
export type Subject = 'database' | 'shapes'

export interface Failure {
  /** Failures of one kind share their lines. */
  readonly kind: string
  /** The part that does not work; null for a failure whose end no other request can show. */
  readonly subject: Subject | null
  /** The failure in one line. */
  readonly text: string
}

/** One line to write. */
export interface Line {
  readonly text: string
  /** True for the first line of an outage, which is shown with the error and its stack. */
  readonly isFirst: boolean
}

interface Kind extends Failure {
  lastFailedAt: number
  lastLineAt: number
  /** Failures since the last line. */
  leftOut: number
  /** True from a failure until its subject works. */
  isDown: boolean
  /** True after a line about the failure, until a line says that the part works again. */
  isAnnounced: boolean
}

/** The most kinds that are remembered; further kinds evict the oldest. */
const MAX_KINDS = 100

const SUBJECTS: Record<Subject, string> = {
  database: 'the database',
  shapes: 'the shape service',
}

/**
 * Decides which failures get a line in the log: the first failure of each kind, then one line per
 * interval that counts the others, and one line when the part works again. So the log stays readable
 * however many requests fail. Pure: times are arguments, in milliseconds.
 */
export class LogLimiter {
  readonly #intervalMs: number
  /** By kind, in the order of their last failures. */
  readonly #kinds = new Map<string, Kind>()
  readonly #downSince = new Map<Subject, number>()

  readonly #unit: readonly [string, string]

  /** @param unit what the lines count, in the singular and in the plural */
  constructor(intervalMs: number, unit: readonly [string, string] = ['request', 'requests']) {
    this.#intervalMs = intervalMs
    this.#unit = unit
  }

  /** Records a failure. @returns the line to write, or null */
  failed(failure: Failure, now: number): Line | null {
    const { subject } = failure
    if (subject !== null && !this.#downSince.has(subject)) this.#downSince.set(subject, now)
    const known = this.#kinds.get(failure.kind)
    this.#kinds.delete(failure.kind)
    if (known === undefined || this.#isOver(known, now)) {
      this.#add({
        ...failure,
        lastFailedAt: now,
        lastLineAt: now,
        leftOut: 0,
        isDown: subject !== null,
        isAnnounced: subject !== null,
      })
      return { text: failure.text, isFirst: true }
    }
    this.#kinds.set(failure.kind, known)
    known.lastFailedAt = now
    known.isDown = subject !== null
    known.leftOut++
    return now - known.lastLineAt < this.#intervalMs ? null : this.#count(known, now)
  }

  /** Records that `subject` works. @returns the line to write if earlier lines reported a failure, or null */
  worked(subject: Subject, now: number): Line | null {
    const downSince = this.#downSince.get(subject)
    if (downSince === undefined) return null
    this.#downSince.delete(subject)
    let leftOut = 0
    let isAnnounced = false
    for (const kind of this.#kinds.values()) {
      if (kind.subject !== subject || !kind.isDown) continue
      kind.isDown = false
      if (!kind.isAnnounced) continue
      isAnnounced = true
      kind.isAnnounced = false
      leftOut += kind.leftOut
      kind.leftOut = 0
    }
    if (!isAnnounced) return null
    const after = `${SUBJECTS[subject]} works again, ${duration(now - downSince)} after the first failure`
    return {
      text: leftOut === 0 ? after : `${after}; ${this.#more(leftOut)} failed`,
      isFirst: false,
    }
  }

  /** The lines that are due without a new failure: they count the failures that had no line. */
  flush(now: number): Line[] {
    return [...this.#kinds.values()]
      .filter((kind) => kind.leftOut > 0 && now - kind.lastLineAt >= this.#intervalMs)
      .map((kind) => this.#count(kind, now))
  }

  /** When `flush` next returns a line, or null. */
  nextFlushAt(): number | null {
    const due = [...this.#kinds.values()]
      .filter(({ leftOut }) => leftOut > 0)
      .map(({ lastLineAt }) => lastLineAt + this.#intervalMs)
    return due.length === 0 ? null : Math.min(...due)
  }

  #isOver(kind: Kind, now: number): boolean {
    const lastAt = Math.max(kind.lastFailedAt, kind.lastLineAt)
    return !kind.isDown && kind.leftOut === 0 && now - lastAt >= this.#intervalMs
  }

  #count(kind: Kind, now: number): Line {
    const text = `${kind.text}: ${this.#more(kind.leftOut)} in the last ${duration(now - kind.lastLineAt)}`
    kind.leftOut = 0
    kind.lastLineAt = now
    kind.isAnnounced = kind.isDown
    return { text, isFirst: false }
  }

  #more(count: number): string {
    return `${count} more ${this.#unit[count === 1 ? 0 : 1]}`
  }

  #add(kind: Kind): void {
    this.#kinds.set(kind.kind, kind)
    const [oldest] = this.#kinds.keys()
    if (this.#kinds.size > MAX_KINDS && oldest !== undefined) this.#kinds.delete(oldest)
  }
}

const duration = (ms: number): string =>
  ms < 1_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1_000)} s`
