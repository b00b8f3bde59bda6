import * as Y from 'yjs'
import type { BuiltDocument } from './build.ts'
import type { RootType } from './formats.ts'
import { type PendingStats, pendingOf } from './pending.ts'
import { listRoots, openRoot } from './roots.ts'

export type { IdRange, PendingStats } from './pending.ts'

/** The contribution of one Yjs client. */
export interface WriterStats {
  readonly client: number
  /** Structs in the document, including deleted ones. */
  readonly structs: number
  /** Living characters, in UTF-16 units. */
  readonly characters: number
  /**
   * Everything that the client ever wrote, counted in Yjs ids: a character, a value and a format mark are
   * one each.
   */
  readonly ids: number
  /** Its share of all ids, from 0 to 1. */
  readonly share: number
}

/** One shared type that a document holds by name. */
export interface RootStats {
  readonly name: string
  /** Null if only deleted content is left, which does not show the type. */
  readonly type: RootType | null
  /** Characters of a text, keys of a map, values of an array, elements of an xml fragment at any depth. */
  readonly size: number
  /** Living characters at any depth, in UTF-16 units. */
  readonly characters: number
}

/** The structs and content of a document, as Yjs counts them. */
export interface ContentStats {
  readonly writers: readonly WriterStats[]
  readonly structs: number
  /** Yjs ids that are deleted. */
  readonly deleted: number
  /** Of these, ids whose content and place are collected. */
  readonly garbage: number
  readonly pending: PendingStats | null
  readonly roots: readonly RootStats[]
  /** Bad rows, which no reader applies; `verify` names them. */
  readonly unreadableRows: number
}

/** Counts the parts of a document. */
export function statsOf({ doc, unreadableRows }: BuiltDocument): ContentStats {
  const writers = [...doc.store.clients].map(([client, structs]) => writerOf(client, structs))
  const total = sum(writers, ({ ids }) => ids)
  return {
    writers: writers
      .map((writer) => ({ ...writer, share: total === 0 ? 0 : writer.ids / total }))
      .sort((a, b) => b.ids - a.ids || a.client - b.client),
    structs: sum(writers, ({ structs }) => structs),
    ...countDeleted(doc),
    pending: pendingOf(doc),
    roots: listRoots(doc).map(({ name, type }) => ({
      name,
      type,
      ...measureRoot(doc, name, type),
    })),
    unreadableRows,
  }
}

function writerOf(client: number, structs: readonly (Y.Item | Y.GC)[]) {
  const last = structs.at(-1)
  return {
    client,
    structs: structs.length,
    characters: sum(structs, charactersIn),
    ids: last === undefined ? 0 : last.id.clock + last.length,
  }
}

const charactersIn = (struct: Y.Item | Y.GC | Y.Skip): number =>
  struct instanceof Y.Item && !struct.deleted && struct.content instanceof Y.ContentString
    ? struct.length
    : 0

function countDeleted(doc: Y.Doc): { deleted: number; garbage: number } {
  let deleted = 0
  let garbage = 0
  for (const structs of doc.store.clients.values()) {
    for (const struct of structs) {
      if (struct.deleted) deleted += struct.length
      if (struct instanceof Y.GC) garbage += struct.length
    }
  }
  return { deleted, garbage }
}

const sum = <T>(values: readonly T[], of: (value: T) => number): number =>
  values.reduce((total, value) => total + of(value), 0)

function measureRoot(
  doc: Y.Doc,
  name: string,
  type: RootType | null,
): { size: number; characters: number } {
  if (type === null) return { size: 0, characters: 0 }
  const root = openRoot(doc, name, type)
  const inside = measureInside(root)
  if (root instanceof Y.XmlFragment) return { size: inside.elements, characters: inside.characters }
  const size = root instanceof Y.Map ? root.size : root.length
  return { size, characters: inside.characters }
}

/** Elements and living characters of a shared type, at any depth. */
function measureInside(type: Pick<Y.AbstractType<unknown>, '_start' | '_map'>): {
  elements: number
  characters: number
} {
  let elements = 0
  let characters = 0
  // A list instead of a recursion: many rows together may nest types deeper than the stack.
  const left = [type]
  const visit = (item: Y.Item): void => {
    if (item.deleted) return
    characters += charactersIn(item)
    if (!(item.content instanceof Y.ContentType)) return
    if (item.content.type instanceof Y.XmlElement) elements++
    left.push(item.content.type)
  }
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    for (let item = one._start; item !== null; item = item.right) visit(item)
    for (const item of one._map.values()) visit(item)
  }
  return { elements, characters }
}
