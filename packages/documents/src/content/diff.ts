import * as Y from 'yjs'
import type { Change, ContentDifference, ContentPath } from './difference.ts'
import { type Json, toJson } from './json.ts'
import {
  type AnyType,
  equalUnits,
  isSameKind,
  livingEntry,
  livingItems,
  livingKeys,
  nestedType,
} from './pieces.ts'
import { diffTexts, readText } from './text-diff.ts'
import { type DiffBounds, diffLists } from './words.ts'

/** The largest number of reported changes. Later changes are left out, and `isCut` is true. */
const MAX_CHANGES = 10_000

/**
 * Compares two states of one document: texts by words and formatting, maps, lists and xml by their paths.
 * Values with the same id or the same content in both are the same.
 */
export function diffContent(before: Y.Doc, after: Y.Doc, bounds: DiffBounds): ContentDifference {
  const comparison = new Comparison(bounds)
  for (const name of [...new Set([...before.share.keys(), ...after.share.keys()])].sort()) {
    comparison.types([name], before.get(name), after.get(name))
  }
  return comparison.result()
}

/** One value of a list. */
interface Element {
  readonly item: Y.Item
  readonly index: number
}

class Comparison {
  readonly #bounds: DiffBounds
  readonly #changes: Change[] = []
  #isCut = false

  constructor(bounds: DiffBounds) {
    this.#bounds = bounds
  }

  result(): ContentDifference {
    return { changes: this.#changes, isCut: this.#isCut }
  }

  types(path: ContentPath, before: AnyType, after: AnyType): void {
    this.#entries(path, before, after)
    if (isText(before) || isText(after)) this.#texts(path, before, after)
    else this.#lists(path, elementsOf(before), elementsOf(after))
  }

  #note(change: Change): void {
    if (this.#changes.length < MAX_CHANGES) this.#changes.push(change)
    else this.#isCut = true
  }

  #entries(path: ContentPath, before: AnyType, after: AnyType): void {
    for (const key of new Set([...livingKeys(before), ...livingKeys(after)])) {
      const [then, now] = [livingEntry(before, key), livingEntry(after, key)]
      const at = [...path, key]
      if (now === null) {
        if (then !== null) this.#note({ type: 'removed', path: at, value: plainLast(then) })
      } else if (then === null) this.#note({ type: 'added', path: at, value: plainLast(now) })
      else this.#pair(at, lastOf(then), lastOf(now))
    }
  }

  #texts(path: ContentPath, before: AnyType, after: AnyType): void {
    const found = diffTexts(readText(before, plainLast), readText(after, plainLast), this.#bounds)
    if (found === null) return
    if (found.isCut) this.#isCut = true
    this.#note({ type: 'text', path, parts: found.parts })
  }

  #lists(path: ContentPath, before: readonly Element[], after: readonly Element[]): void {
    const { runs, isCut } = diffLists(before, after, isSameElement, this.#bounds)
    if (isCut) this.#isCut = true
    let [b, a] = [0, 0]
    // Positions in both lists since the last equal values.
    let gap: Gap = { removed: [], added: [] }
    for (const { type, count } of runs) {
      if (type === 'same') {
        this.#gap(path, gap, before, after)
        gap = { removed: [], added: [] }
      }
      for (let i = 0; i < count; i++) {
        if (type === 'removed') gap.removed.push(b++)
        else if (type === 'added') gap.added.push(a++)
        else this.#pair([...path, a], before[b++], after[a++])
      }
    }
    this.#gap(path, gap, before, after)
  }

  /** A removed value and an added one of the same kind are compared as one changed value. */
  #gap(
    path: ContentPath,
    { removed, added }: Gap,
    before: readonly Element[],
    after: readonly Element[],
  ): void {
    for (let i = 0; i < Math.max(removed.length, added.length); i++) {
      const [b, a] = [removed[i], added[i]]
      const then = b === undefined ? undefined : before[b]
      const now = a === undefined ? undefined : after[a]
      if (then !== undefined && now !== undefined && isAlike(then, now)) {
        this.#pair([...path, a ?? 0], then, now)
        continue
      }
      if (then !== undefined) {
        this.#note({ type: 'removed', path: [...path, b ?? 0], value: plainOf(then) })
      }
      if (now !== undefined) {
        this.#note({ type: 'added', path: [...path, a ?? 0], value: plainOf(now) })
      }
    }
  }

  /** Two values at one position: shared types are compared inside. */
  #pair(path: ContentPath, before: Element | undefined, after: Element | undefined): void {
    if (before === undefined || after === undefined) return
    const [then, now] = [nestedType(before.item), nestedType(after.item)]
    if (then !== null && now !== null && isSameKind(then, now)) this.types(path, then, now)
    else if (!equalUnits([before.item, before.index], [after.item, after.index])) {
      this.#note({ type: 'changed', path, before: plainOf(before), after: plainOf(after) })
    }
  }
}

interface Gap {
  readonly removed: number[]
  readonly added: number[]
}

/** Only texts have formatting and embeds. */
function isText(type: AnyType): boolean {
  if (type instanceof Y.Text) return true
  for (const { content } of livingItems(type)) {
    const isOfText =
      content instanceof Y.ContentString ||
      content instanceof Y.ContentFormat ||
      content instanceof Y.ContentEmbed
    if (isOfText) return true
  }
  return false
}

const elementsOf = (type: AnyType): Element[] =>
  [...livingItems(type)].flatMap((item) =>
    Array.from({ length: item.length }, (_, index) => ({ item, index })),
  )

/** The value of an entry: the last one of an item that holds several. */
const lastOf = (item: Y.Item): Element => ({ item, index: item.length - 1 })

function isSameElement(before: Element, after: Element): boolean {
  const { item: b, index: i } = before
  const { item: a, index: k } = after
  const isSameId = b.id.client === a.id.client && b.id.clock + i === a.id.clock + k
  return isSameId || equalUnits([b, i], [a, k])
}

/** True if `after` can be reported as a change of `before`. */
function isAlike(before: Element, after: Element): boolean {
  const [then, now] = [nestedType(before.item), nestedType(after.item)]
  return then === null || now === null ? then === now : isSameKind(then, now)
}

function plainOf({ item, index }: Element): Json {
  const type = nestedType(item)
  return type === null ? toJson(item.content.getContent()[index]) : plainType(type)
}

const plainLast = (item: Y.Item): Json => plainOf(lastOf(item))

/** A shared type as JSON: xml as its source, a text as its characters. */
function plainType(type: AnyType): Json {
  const known: unknown = type
  if (known instanceof Y.XmlFragment || known instanceof Y.XmlHook) return known.toString()
  if (known instanceof Y.Text) return plainText(type)
  if (known instanceof Y.Map) {
    return Object.fromEntries(
      livingKeys(type).map((key) => {
        const entry = livingEntry(type, key)
        return [key, entry === null ? null : plainLast(entry)]
      }),
    )
  }
  return elementsOf(type).map(plainOf)
}

/**
 * A text as its characters. If it holds shared types it is a list of its parts: inside the string of the
 * surrounding text, its quotes would be escaped again at each level, which doubles them.
 */
function plainText(type: AnyType): Json {
  const items = [...livingItems(type)]
  if (items.every((item) => nestedType(item) === null)) {
    return readText(type, plainLast).words.join('')
  }
  const parts: Json[] = []
  let pending = ''
  for (const item of items) {
    if (item.content instanceof Y.ContentFormat) continue
    if (item.content instanceof Y.ContentString) {
      pending += item.content.str
      continue
    }
    if (pending !== '') parts.push(pending)
    pending = ''
    parts.push(plainLast(item))
  }
  return pending === '' ? parts : [...parts, pending]
}
