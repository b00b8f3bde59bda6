import { colorFor } from '../people/palette.ts'
import type { Person } from '../people/person.ts'

/** The names known from presence, by Yjs client id. */
export type Names = ReadonlyMap<number, Person>

/** The colour of a client's rows: that of the person, if known. */
export const colorOfClient = (names: Names, client: number): string =>
  names.get(client)?.color ?? colorFor(client)

/** The person's name; a client without a known person is named by its number. */
export const nameOfClient = (names: Names, client: number): string =>
  names.get(client)?.name ?? `client ${client}`

/** The writers of a row. Yjs does not record who deleted something. */
export function writersInWords(names: Names, writers: readonly number[]): string {
  if (writers.length === 0) return 'not recorded'
  const called = [...new Set(writers.map((client) => nameOfClient(names, client)))]
  return called.length > 2 ? `${called[0]} and ${called.length - 1} others` : called.join(' and ')
}
