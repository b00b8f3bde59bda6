import * as Y from 'yjs'
import type { Person } from '../people/person.ts'
import { type Names, personOfClient } from './clients.ts'

/** The content of one Yjs client. */
export interface Writer {
  readonly client: number
  /** Everything that it ever wrote, in Yjs ids: a letter, a value and a mark are one each. */
  readonly ids: number
  /** How much of it is still visible. */
  readonly living: number
}

/** Everyone who ever wrote in the document, by amount. */
export function writersIn(doc: Y.Doc): Writer[] {
  return [...doc.store.clients]
    .map(([client, structs]) => ({
      client,
      ids: structs.reduce((sum, { length }) => sum + length, 0),
      living: structs.reduce((sum, struct) => sum + livingIn(struct), 0),
    }))
    .sort((one, other) => other.ids - one.ids || one.client - other.client)
}

const livingIn = (struct: Y.Item | Y.GC): number =>
  struct instanceof Y.Item && !struct.deleted && struct.countable ? struct.length : 0

/** The content of one writer, of all their clients. */
export interface Share extends Omit<Writer, 'client'> {
  readonly person: Person
}

/** The writers by amount: each tab that ever wrote is a client, and one writer may have many. */
export function sharesOf(writers: readonly Writer[], names: Names): Share[] {
  const shares = new Map<string, Share>()
  for (const { client, ids, living } of writers) {
    const person = personOfClient(names, client)
    const before = shares.get(person.id) ?? { ids: 0, living: 0 }
    shares.set(person.id, { person, ids: before.ids + ids, living: before.living + living })
  }
  return [...shares.values()].sort((one, other) => other.ids - one.ids)
}
