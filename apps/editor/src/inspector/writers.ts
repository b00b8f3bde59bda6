import * as Y from 'yjs'

/** What one Yjs client wrote. */
export interface Writer {
  readonly client: number
  /** All that it ever wrote, counted in Yjs ids: a letter, a value, a mark is one each. */
  readonly ids: number
  /** What of it is still to be seen. */
  readonly living: number
}

/** Everybody who ever wrote in the document, whoever wrote most first. */
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
