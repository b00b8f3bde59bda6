import { RecentMap } from './recent-map.ts'

/** Amounts by name: the stored ones, or those that a request adds. */
export type Amounts<Name extends string> = Readonly<Record<Name, number>>

export interface MeasuredOptions<Name extends string, Value extends Amounts<Name>> {
  readonly names: readonly Name[]
  /** Reads what is stored under a key. */
  readonly measure: (key: string) => Promise<Value>
  /** How old a measurement may be, in milliseconds. */
  readonly checkMs: () => number
  readonly maxKeys: number
}

/** A limit that was reached. */
export interface Exceeded<Name extends string> {
  readonly name: Name
  readonly value: number
  readonly limit: number
}

/** Room that is reserved for a request until the request ends. */
export interface Reservation<Name extends string> {
  /** Counts what was stored; null if nothing was. Called once. */
  end(stored: Amounts<Name> | null): void
}

interface Entry<Name extends string, Value> {
  value: Value
  /** Amounts that this process has stored since the measurement began. */
  added: Record<Name, number>
  /** Amounts that unfinished requests may still store. */
  reserved: Record<Name, number>
  /** How often the key was forgotten. */
  forgotten: number
  /** The value of `forgotten` when the measurement began. */
  measuredAfter: number
  measuredAt: number
  /** How long the measurement took, in milliseconds. */
  tookMs: number
  refreshing: Promise<void> | null
}

/** Measuring one key takes at most this share of the time: a large document is measured less often. */
const MAX_LOAD = 1 / 20

/** The oldest measurement that a refusal may rely on, in milliseconds. */
const REFUSAL_AGE_MS = 1_000

/**
 * Stored amounts, measured at intervals and counted in between. A check is a lookup in a map; only the
 * first check of a key waits for a measurement. A refusal relies on a measurement of the last second, so
 * that a key is accepted again as soon as there is room. Concurrent requests cannot use the same room,
 * because each request reserves what it may store.
 */
export class Measured<Name extends string, Value extends Amounts<Name>> {
  readonly #options: MeasuredOptions<Name, Value>
  readonly #entries: RecentMap<Entry<Name, Value>>
  readonly #first = new Map<string, Promise<Entry<Name, Value>>>()

  constructor(options: MeasuredOptions<Name, Value>) {
    this.#options = options
    this.#entries = new RecentMap(options.maxKeys)
  }

  /** The last measurement of a key. */
  async read(key: string): Promise<Value> {
    return (await this.#entry(key)).value
  }

  /** Reserves room for `added`, or says which limit it would exceed. */
  async reserve(
    key: string,
    added: Amounts<Name>,
    limits: Amounts<Name>,
  ): Promise<Exceeded<Name> | Reservation<Name>> {
    const entry = await this.#entry(key)
    let full = this.#over(entry, added, limits)
    if (full !== null && this.#isOlderThan(entry, REFUSAL_AGE_MS)) {
      await this.#refresh(key, entry)
      full = this.#over(entry, added, limits)
    }
    // Nothing may run between this check and the reservation.
    if (full !== null) return full
    this.#add(entry.reserved, added, 1)
    return {
      end: (stored) => {
        this.#add(entry.reserved, added, -1)
        if (stored !== null) this.#add(entry.added, stored, 1)
      },
    }
  }

  /** The last measurement plus what was stored since; null if the key must be measured first. */
  current(key: string): Value | null {
    const entry = this.#entries.get(key)
    if (entry === undefined || isForgotten(entry)) return null
    const amounts = this.#options.names.map(
      (name) => [name, entry.value[name] + entry.added[name]] as const,
    )
    return { ...entry.value, ...Object.fromEntries(amounts) }
  }

  /** Replaces parts of a measurement by known values. */
  correct(key: string, known: Partial<Value>): void {
    const entry = this.#entries.get(key)
    if (entry !== undefined) entry.value = { ...entry.value, ...known }
  }

  /** Makes the next check measure the key again and wait for the result. */
  forget(key: string): void {
    const entry = this.#entries.get(key)
    if (entry !== undefined) entry.forgotten++
    // A first measurement that is running may have missed the change.
    this.#first.get(key)?.then(
      (first) => {
        first.forgotten++
      },
      () => {},
    )
  }

  async #entry(key: string): Promise<Entry<Name, Value>> {
    const known = this.#entries.get(key)
    if (known === undefined) return this.#begin(key)
    // The first of these measurements may have started before the key was forgotten.
    for (let left = 2; left > 0 && isForgotten(known); left--) await this.#refresh(key, known)
    if (this.#isOlderThan(known, this.#options.checkMs())) {
      // If the next measurement fails, the current one counts until one succeeds.
      this.#refresh(key, known).catch(() => {})
    }
    return known
  }

  /** Concurrent first checks share one measurement. */
  #begin(key: string): Promise<Entry<Name, Value>> {
    const begun = this.#first.get(key)
    if (begun !== undefined) return begun
    const first = this.#measure(key).finally(() => this.#first.delete(key))
    this.#first.set(key, first)
    return first
  }

  async #measure(key: string): Promise<Entry<Name, Value>> {
    const startedAt = performance.now()
    const value = await this.#options.measure(key)
    const measuredAt = performance.now()
    const tookMs = measuredAt - startedAt
    const entry: Entry<Name, Value> = {
      value,
      added: this.#nothing(),
      reserved: this.#nothing(),
      forgotten: 0,
      measuredAfter: 0,
      measuredAt,
      tookMs,
      refreshing: null,
    }
    this.#entries.set(key, entry)
    return entry
  }

  #refresh(key: string, entry: Entry<Name, Value>): Promise<void> {
    entry.refreshing ??= this.#remeasure(key, entry).finally(() => {
      entry.refreshing = null
    })
    return entry.refreshing
  }

  /**
   * Until it ends, the last measurement and everything stored since then count. Content that is stored during
   * the measurement may count twice until the next one.
   */
  async #remeasure(key: string, entry: Entry<Name, Value>): Promise<void> {
    const before = { ...entry.added }
    const { forgotten } = entry
    const startedAt = performance.now()
    entry.value = await this.#options.measure(key)
    this.#add(entry.added, before, -1)
    entry.measuredAfter = forgotten
    entry.measuredAt = performance.now()
    entry.tookMs = entry.measuredAt - startedAt
  }

  #isOlderThan({ measuredAt, tookMs }: Entry<Name, Value>, ms: number): boolean {
    return performance.now() - measuredAt >= Math.max(ms, tookMs / MAX_LOAD)
  }

  #over(
    { value, added: since, reserved }: Entry<Name, Value>,
    added: Amounts<Name>,
    limits: Amounts<Name>,
  ): Exceeded<Name> | null {
    for (const name of this.#options.names) {
      const now = value[name] + since[name] + reserved[name]
      // A request that adds nothing of a kind is never refused because of that kind.
      if (added[name] > 0 && now + added[name] > limits[name]) {
        return { name, value: now, limit: limits[name] }
      }
    }
    return null
  }

  #add(to: Record<Name, number>, amounts: Amounts<Name>, times: 1 | -1): void {
    for (const name of this.#options.names) to[name] += times * amounts[name]
  }

  #nothing(): Record<Name, number> {
    return Object.fromEntries(this.#options.names.map((name) => [name, 0])) as Record<Name, number>
  }
}

const isForgotten = ({ forgotten, measuredAfter }: Entry<string, unknown>): boolean =>
  forgotten !== measuredAfter
