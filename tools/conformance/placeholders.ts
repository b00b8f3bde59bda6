// Compares received values with recorded ones. In a recording, values that differ from run to run are written
// as `<handle-1>` or `<xid>`. A name with a number stands for the same value in the whole scenario, and two
// different numbers of one kind stand for two different values. A name without a number matches any value.
import type { Json } from './transcript.ts'

export interface CompareOptions {
  /**
   * If false, error texts may differ, as they do between versions of Electric; status and refused
   * fields must match.
   */
  readonly exactWording: boolean
}

const PLACEHOLDER = /<([a-z_]+(?:-\d+)?)>/g
const IS_NUMBERED = /-\d+$/

/** The clock reading that ends the ETag of a response without changes. Recordings contain it. */
const ETAG_NONCE = /:-?\d{9,}"$/

/**
 * The field that lists the transactions of all databases of the cluster that were in progress during the
 * read.
 */
const IN_PROGRESS = 'xip_list'

const areTransactions = (value: Json): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string' && /^\d+$/.test(item))

export class Placeholders {
  readonly #values = new Map<string, string>()

  /** Returns the differences as lines; empty if `actual` matches `expected`. */
  compare(expected: Json, actual: Json, at: string): string[] {
    if (typeof expected === 'string') return this.#compareText(expected, actual, at)
    if (expected === null || typeof expected !== 'object') {
      return expected === actual ? [] : [difference(at, expected, actual)]
    }
    if (Array.isArray(expected)) return this.#compareList(expected, actual, at)
    if (actual === null || typeof actual !== 'object' || Array.isArray(actual)) {
      return [difference(at, expected, actual)]
    }
    return this.#compareObject(
      expected as Readonly<Record<string, Json>>,
      actual as Readonly<Record<string, Json>>,
      at,
    )
  }

  #compareList(expected: readonly Json[], actual: Json, at: string): string[] {
    if (!Array.isArray(actual)) return [difference(at, expected, actual)]
    const differences = expected
      .slice(0, actual.length)
      .flatMap((item, i) => this.compare(item, actual[i], `${at}[${i}]`))
    const missing = expected.slice(actual.length).map((item) => difference(at, item, undefined))
    const surplus = actual
      .slice(expected.length)
      .map((item: Json) => difference(at, undefined, item))
    return [...differences, ...missing, ...surplus]
  }

  #compareObject(
    expected: Readonly<Record<string, Json>>,
    actual: Readonly<Record<string, Json>>,
    at: string,
  ): string[] {
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)])
    return [...names].flatMap((name) => {
      const [wanted, got] = [expected[name], actual[name]]
      if (wanted === undefined || got === undefined) {
        return [difference(`${at}.${name}`, wanted, got)]
      }
      if (name === IN_PROGRESS && areTransactions(got)) return []
      return this.compare(wanted, got, `${at}.${name}`)
    })
  }

  #compareText(expected: string, actual: Json, at: string): string[] {
    const names = [...expected.matchAll(PLACEHOLDER)].map(([, name = '']) => name)
    if (names.length === 0 && !ETAG_NONCE.test(expected)) {
      return expected === actual ? [] : [difference(at, expected, actual)]
    }
    // A placeholder alone may match a number; inside a text it matches text.
    if (typeof actual !== 'string' && typeof actual !== 'number') {
      return [difference(at, expected, actual)]
    }
    const found = this.#pattern(expected).exec(String(actual))
    if (found === null) return [difference(at, this.#fill(expected), actual)]
    return names.flatMap((name, i) => this.#bind(name, found[i + 1] ?? '', at))
  }

  /** Known names become their values, the others become groups in the order of the names. */
  #pattern(expected: string): RegExp {
    const nonce = ETAG_NONCE.test(expected)
    const text = nonce ? expected.replace(ETAG_NONCE, '') : expected
    let source = ''
    let from = 0
    for (const match of text.matchAll(PLACEHOLDER)) {
      const known = this.#values.get(match[1] ?? '')
      source += escapeRegExp(text.slice(from, match.index))
      source += known === undefined ? '(.+?)' : `(${escapeRegExp(known)})`
      from = match.index + match[0].length
    }
    source += escapeRegExp(text.slice(from))
    return new RegExp(`^${source}${nonce ? ':-?\\d+"' : ''}$`, 's')
  }

  #bind(name: string, value: string, at: string): string[] {
    if (!IS_NUMBERED.test(name) || this.#values.has(name)) return []
    const kind = name.replace(IS_NUMBERED, '')
    for (const [other, taken] of this.#values) {
      if (taken === value && other.replace(IS_NUMBERED, '') === kind) {
        return [`${at}: <${name}> has the same value as <${other}>: ${value}`]
      }
    }
    this.#values.set(name, value)
    return []
  }

  #fill(expected: string): string {
    return expected.replace(PLACEHOLDER, (whole, name) => this.#values.get(name) ?? whole)
  }
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const difference = (at: string, expected: unknown, actual: unknown): string =>
  `${at}: expected ${show(expected)}, got ${show(actual)}`

const show = (value: unknown): string =>
  value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 400)
