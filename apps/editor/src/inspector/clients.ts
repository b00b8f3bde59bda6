import type { WriterInfo } from '@y-electric/server'
import { colorFor } from '../people/palette.ts'
import { type Person, tidyName } from '../people/person.ts'

/** The people behind Yjs client ids: from presence, and from the names that the server keeps. */
export type Names = ReadonlyMap<number, Person>

/** The colour of a client's rows: that of the person, if known. */
export const colorOfClient = (names: Names, client: number): string =>
  names.get(client)?.color ?? colorFor(client)

export const nameOfClient = (names: Names, client: number): string =>
  names.get(client)?.name ?? 'somebody unknown'

/**
 * The people seen, and those whose names the server keeps. A name that the server checked comes before the one that a
 * client shows. All clients of one person have one colour.
 */
export function peopleAmong(seen: Names, kept: readonly WriterInfo[]): Names {
  const colors = new Map([...seen.values()].map(({ name, color }) => [name, color]))
  const people = kept.flatMap(({ clientId, name, user, trusted }) => {
    const shown = tidyName(name ?? user ?? '')
    if (shown === '' || (seen.has(clientId) && !trusted)) return []
    const color = seen.get(clientId)?.color ?? colors.get(shown) ?? colorFor(clientId)
    colors.set(shown, color)
    return [[clientId, { id: user ?? shown, name: shown, color }] as const]
  })
  return people.length === 0 ? seen : new Map([...seen, ...people])
}

/** The writers of a row. Yjs does not record who deleted something. */
export function writersInWords(names: Names, writers: readonly number[]): string {
  if (writers.length === 0) return 'not recorded'
  const called = [...new Set(writers.map((client) => nameOfClient(names, client)))]
  return called.length > 2 ? `${called[0]} and ${called.length - 1} others` : called.join(' and ')
}
