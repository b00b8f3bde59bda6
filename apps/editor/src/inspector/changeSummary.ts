import { type DecodedUpdate, readRow } from 'y-electric/protocol'
import * as Y from 'yjs'

/** A summary of the changes in one update row, as far as its bytes tell. */
export interface ChangeSummary {
  /** The Yjs clients whose edits the row contains; empty if the row only deletes. */
  readonly writers: readonly number[]
  /** Inserted letters, in UTF-16 code units. */
  readonly letters: number
  /** The inserted text, if it is short. */
  readonly quote: string
  /** The number of deleted letters, nodes and marks. */
  readonly deleted: number
  /** The number of marks that start or end. */
  readonly marks: number
  /** The names of inserted nodes: elements, texts, maps, arrays, subdocuments. */
  readonly nodes: readonly string[]
  /** The keys that are set: attributes of nodes, entries of maps. */
  readonly keys: readonly string[]
  /** The number of other values: entries of arrays, embedded objects. */
  readonly values: number
  /** The reason why the row cannot be read; null if it can be. */
  readonly problem: string | null
}

const LONGEST_QUOTE = 32

const NOTHING: ChangeSummary = {
  writers: [],
  letters: 0,
  quote: '',
  deleted: 0,
  marks: 0,
  nodes: [],
  keys: [],
  values: 0,
  problem: null,
}

const known = new WeakMap<Uint8Array, ChangeSummary>()

/** Whether the summary of an update is known, so that it costs nothing. */
export const isSummarised = (update: Uint8Array): boolean => known.has(update)

/** Summarises an update (Yjs v1), once per byte array. */
export function summaryOf(update: Uint8Array): ChangeSummary {
  const before = known.get(update)
  if (before !== undefined) return before
  const summary = read(update)
  known.set(update, summary)
  return summary
}

function read(update: Uint8Array): ChangeSummary {
  let decoded: DecodedUpdate
  try {
    decoded = readRow(update)
  } catch (error) {
    return { ...NOTHING, problem: error instanceof Error ? error.message : String(error) }
  }
  const items = decoded.structs.filter((struct) => struct instanceof Y.Item)
  const strings = items.flatMap(({ content }) =>
    content instanceof Y.ContentString ? [content.str] : [],
  )
  const ranges = [...decoded.deletes.clients.values()].flat()
  return {
    ...NOTHING,
    writers: [...new Set(items.map(({ id }) => id.client))],
    letters: strings.reduce((sum, { length }) => sum + length, 0),
    quote: quoteOf(strings),
    deleted: ranges.reduce((sum, { len }) => sum + len, 0),
    marks: items.filter(({ content }) => content instanceof Y.ContentFormat).length,
    nodes: items.flatMap(({ content }) => nodeIn(content)),
    keys: items.flatMap(({ parentSub }) => (parentSub === null ? [] : [parentSub])),
    values: items.filter(isValue).reduce((sum, { length }) => sum + length, 0),
  }
}

function quoteOf(strings: readonly string[]): string {
  const text = strings.join('').replace(/\s+/g, ' ')
  return text.length > LONGEST_QUOTE ? '' : text
}

function nodeIn(content: Y.Item['content']): string[] {
  if (content instanceof Y.ContentDoc) return ['subdocument']
  if (!(content instanceof Y.ContentType)) return []
  return [kindOf(content.type)]
}

/** The name of a shared type; of an element, its own name. */
export function kindOf(type: object): string {
  if (type instanceof Y.XmlElement) return type.nodeName
  if (type instanceof Y.XmlText || type instanceof Y.Text) return 'text'
  if (type instanceof Y.XmlFragment) return 'fragment'
  if (type instanceof Y.Map) return 'map'
  if (type instanceof Y.Array) return 'array'
  return 'type'
}

const isValue = ({ content, parentSub }: Y.Item): boolean =>
  parentSub === null &&
  (content instanceof Y.ContentAny ||
    content instanceof Y.ContentJSON ||
    content instanceof Y.ContentBinary ||
    content instanceof Y.ContentEmbed)

/** The summary in a few words. */
export function summaryInWords(summary: ChangeSummary): string {
  if (summary.problem !== null) return `cannot be read: ${summary.problem}`
  const { letters, quote, marks, nodes, keys, values, deleted } = summary
  const parts = [
    letters === 0 ? '' : `+${letters} ${letters === 1 ? 'letter' : 'letters'}`,
    quote === '' ? '' : `“${quote}”`,
    namesInWords(nodes),
    keys.length === 0 ? '' : `sets ${listOf(keys)}`,
    values === 0 ? '' : `+${values} ${values === 1 ? 'value' : 'values'}`,
    marks === 0 ? '' : `${marks} ${marks === 1 ? 'mark' : 'marks'}`,
    deleted === 0 ? '' : `−${deleted}`,
  ]
  return parts.filter((part) => part !== '').join(', ') || 'nothing new'
}

function namesInWords(nodes: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of nodes) {
    // A text inside an inserted paragraph is not worth mentioning.
    if (name === 'text' && nodes.some((other) => other !== 'text')) continue
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return listOf(
    [...counts].map(([name, count]) => (count === 1 ? name : `${count} × ${name}`)),
    '+',
  )
}

const MOST_NAMES = 3

function listOf(names: readonly string[], sign = ''): string {
  const different = [...new Set(names)]
  const shown = different.slice(0, MOST_NAMES).map((name) => sign + name)
  const more = different.length - shown.length
  return [...shown, ...(more === 0 ? [] : [`${more} more`])].join(', ')
}
