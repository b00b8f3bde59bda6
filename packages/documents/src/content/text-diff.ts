import * as Y from 'yjs'
import type { TextPart } from './difference.ts'
import { type Json, type JsonObject, toJson } from './json.ts'
import { type AnyType, livingItems } from './pieces.ts'
import { type DiffBounds, diffLists, wordsOf } from './words.ts'

/** A text for comparison: its words, and the formats of its characters. */
export interface ReadText {
  readonly words: readonly string[]
  readonly formats: readonly FormatRun[]
}

interface FormatRun {
  /** The end of the run, in characters of the joined words. */
  readonly end: number
  readonly attributes: JsonObject
}

/** Unchanged characters are shown this far around a change. */
const CONTEXT = 80

/** Reads a text. An embed becomes its JSON in brackets. */
export function readText(type: AnyType, plain: (item: Y.Item) => Json): ReadText {
  const words: string[] = []
  const formats: FormatRun[] = []
  let pending = ''
  let end = 0
  let attributes: JsonObject = {}
  const flush = () => {
    for (const word of wordsOf(pending)) words.push(word)
    pending = ''
  }
  for (const item of livingItems(type)) {
    const { content } = item
    if (content instanceof Y.ContentFormat) {
      attributes = withAttribute(attributes, content.key, toJson(content.value))
      continue
    }
    if (content instanceof Y.ContentString) {
      pending += content.str
      end += content.str.length
    } else {
      flush()
      const embed = `[${JSON.stringify(plain(item))}]`
      words.push(embed)
      end += embed.length
    }
    formats.push({ end, attributes })
  }
  flush()
  return { words, formats }
}

function withAttribute(attributes: JsonObject, key: string, value: Json): JsonObject {
  const { [key]: _, ...others } = attributes
  return value === null ? others : { ...others, [key]: value }
}

/** The difference between two texts, or null if there is none. */
export function diffTexts(
  before: ReadText,
  after: ReadText,
  bounds: DiffBounds,
): { readonly parts: readonly TextPart[]; readonly isCut: boolean } | null {
  const { runs, isCut } = diffLists(before.words, after.words, (a, b) => a === b, bounds)
  const formats = [formatReader(before.formats), formatReader(after.formats)] as const
  const parts: TextPart[] = []
  let [b, a] = [0, 0]
  for (const { type, count } of runs) {
    const words =
      type === 'removed' ? before.words.slice(b, b + count) : after.words.slice(a, a + count)
    const text = words.join('')
    if (type !== 'added') b += count
    if (type !== 'removed') a += count
    if (type === 'same') parts.push(...compareFormats(text, ...formats))
    else {
      formats[type === 'removed' ? 0 : 1].take(text.length)
      parts.push({ type, text })
    }
  }
  return parts.every(({ type }) => type === 'same') ? null : { parts: shorten(parts), isCut }
}

type FormatReader = ReturnType<typeof formatReader>

/** Reads formats along a text. */
function formatReader(runs: readonly FormatRun[]) {
  let at = 0
  let index = 0
  const skipDone = () => {
    while ((runs[index]?.end ?? Number.POSITIVE_INFINITY) <= at) index++
  }
  return {
    /** The format of the next characters, and the number of characters that have it. */
    next() {
      skipDone()
      const run = runs[index]
      return {
        attributes: run?.attributes ?? {},
        length: (run?.end ?? Number.POSITIVE_INFINITY) - at,
      }
    },
    take(length: number) {
      at += length
    },
  }
}

function compareFormats(text: string, before: FormatReader, after: FormatReader): TextPart[] {
  const parts: TextPart[] = []
  for (let at = 0; at < text.length; ) {
    const [then, now] = [before.next(), after.next()]
    const length = Math.min(text.length - at, then.length, now.length)
    before.take(length)
    after.take(length)
    const piece = text.slice(at, at + length)
    at += length
    const last = parts.at(-1)
    const [was, is] = [then.attributes, now.attributes]
    if (!isAlike(was, is)) parts.push({ type: 'formatted', text: piece, before: was, after: is })
    else if (last?.type === 'same') parts.splice(-1, 1, { type: 'same', text: last.text + piece })
    else parts.push({ type: 'same', text: piece })
  }
  return parts
}

const isAlike = (a: JsonObject, b: JsonObject): boolean => sorted(a) === sorted(b)

const sorted = (attributes: JsonObject): string =>
  JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Leaves out unchanged text far from any change. */
function shorten(parts: readonly TextPart[]): TextPart[] {
  return parts.flatMap((part, index): TextPart[] => {
    if (part.type !== 'same') return [part]
    const { text } = part
    const from = index === 0 ? 0 : edge(text, CONTEXT)
    const to = index === parts.length - 1 ? text.length : edge(text, text.length - CONTEXT)
    if (to - from < CONTEXT) return [part]
    return [
      { type: 'same', text: text.slice(0, from) } as const,
      { type: 'skipped', length: to - from } as const,
      { type: 'same', text: text.slice(to) } as const,
    ].filter((one) => one.type === 'skipped' || one.text !== '')
  })
}

/** A position that does not split a surrogate pair. */
function edge(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code <= 0xdfff ? at + 1 : at
}
