import type { WriterInfo } from '@y-electric/server'
import { type Person, tidyName } from '../people/person.ts'
import { distinctColors, NO_COLOR } from './colors.ts'

/** The writers behind Yjs client ids. The clients of one writer have the same id, name and colour. */
export type Names = ReadonlyMap<number, Person>

/** Everything that is known about the clients of a document. */
export interface Known {
  /** The clients in the order in which this page got to know them. */
  readonly clients: readonly number[]
  /** Everybody who was present since this page was opened. */
  readonly seen: Names
  /** The names that the server keeps. */
  readonly kept: readonly WriterInfo[]
  /** The names that this device remembers of everybody who was present when it had the document open. */
  readonly remembered: ReadonlyMap<number, string>
}

/** The id of a writer without a name. */
export const idOfClient = (client: number): string => `client:${client}`

const idOfName = (name: string): string => `name:${name}`

/**
 * The writers of all clients. Clients with the same name are one writer. A name that the server checked comes before
 * the one that a client shows, and a name of this device is the last choice.
 */
export function peopleAmong({ clients, seen, kept, remembered }: Known): Names {
  const told = new Map(kept.map((writer) => [writer.clientId, writer]))
  const people = clients.map((client) => {
    const { name = null, user = null, trusted = false } = told.get(client) ?? {}
    const present = seen.get(client)
    const checked = trusted ? name : null
    const called = checked ?? present?.name ?? name ?? user ?? remembered.get(client) ?? ''
    const shown = tidyName(called)
    const id = shown === '' ? idOfClient(client) : idOfName(shown)
    return { client, id, name: shown || `client ${client}`, wish: present?.color ?? null }
  })
  const colors = distinctColors(people.map(({ id, wish }) => ({ key: id, color: wish })))
  return new Map(
    people.map(({ client, id, name }) => [client, { id, name, color: colors.get(id) ?? NO_COLOR }]),
  )
}

/** The writer behind a client. */
export const personOfClient = (names: Names, client: number): Person =>
  names.get(client) ?? { id: idOfClient(client), name: `client ${client}`, color: NO_COLOR }

/** The writers of a row, each once. */
export function peopleOf(names: Names, clients: readonly number[]): Person[] {
  const people = clients.map((client) => personOfClient(names, client))
  // Nearly every row has one writer, and a log may have many thousand rows.
  if (people.length < 2) return people
  return [...new Map(people.map((person) => [person.id, person])).values()]
}

/** The writers of a row in words. Yjs does not record who deleted something. */
export function writersInWords(writers: readonly Person[]): string {
  const called = writers.map(({ name }) => name)
  if (called.length === 0) return 'not recorded'
  return called.length > 2 ? `${called[0]} and ${called.length - 1} others` : called.join(' and ')
}
