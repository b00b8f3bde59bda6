import { colorFor } from '../people/palette.ts'
import type { Person } from '../people/person.ts'

/** Names that presence told, by Yjs client id. */
export type Names = ReadonlyMap<number, Person>

/** The colour of a client's rows: the person's own, where it is known. */
export const colorOfClient = (names: Names, client: number): string =>
  names.get(client)?.color ?? colorFor(client)

/** Who it is; a client that nobody introduced is called by its number. */
export const nameOfClient = (names: Names, client: number): string =>
  names.get(client)?.name ?? `client ${client}`

/** Who wrote a row. Yjs does not note who deleted something. */
export function writersInWords(names: Names, writers: readonly number[]): string {
  if (writers.length === 0) return 'not noted'
  const called = [...new Set(writers.map((client) => nameOfClient(names, client)))]
  return called.length > 2 ? `${called[0]} and ${called.length - 1} others` : called.join(' and ')
}
