import * as Y from 'yjs'

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
