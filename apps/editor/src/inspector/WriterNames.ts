import type { WriterInfo } from '@y-electric/server'
import { personIn } from '../people/people.ts'
import { type Names, peopleAmong } from './clients.ts'
import type { States } from './presence.ts'

/** The writers of a document as this page gets to know them. They keep their names and colours when they leave. */
export class WriterNames {
  #names: Names = new Map()
  #clients: readonly number[] = []
  #seen: Names = new Map()
  #kept: readonly WriterInfo[] = []
  readonly #remembered: ReadonlyMap<number, string>

  /** @param remembered the names that this device remembers */
  constructor(remembered: ReadonlyMap<number, string>) {
    this.#remembered = remembered
  }

  /** The same map until something changes. */
  get names(): Names {
    return this.#names
  }

  /** The names that the server keeps. */
  get kept(): readonly WriterInfo[] {
    return this.#kept
  }

  /** Everybody who is present now. */
  see(present: States): void {
    const people = [...present].map(([client, state]) => [client, personIn(state, client)] as const)
    this.#seen = new Map([...this.#seen, ...people])
    this.meet(present.keys())
  }

  keep(kept: readonly WriterInfo[]): void {
    this.#kept = kept
    this.#name()
  }

  /** The clients of the document. */
  meet(clients: Iterable<number>): void {
    const known = new Set(this.#clients)
    const fresh = [...clients].filter((client) => !known.has(client))
    this.#clients = [...this.#clients, ...fresh.sort((one, other) => one - other)]
    this.#name()
  }

  #name(): void {
    const names = peopleAmong({
      clients: this.#clients,
      seen: this.#seen,
      kept: this.#kept,
      remembered: this.#remembered,
    })
    if (!areSame(names, this.#names)) this.#names = names
  }
}

function areSame(some: Names, others: Names): boolean {
  return (
    some.size === others.size &&
    [...some].every(([client, { id, color }]) => {
      const other = others.get(client)
      return other?.id === id && other.color === color
    })
  )
}
