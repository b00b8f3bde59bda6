import type { Node } from '@tiptap/pm/model'
import * as Y from 'yjs'
import { PALETTE } from '../people/palette.ts'

/** A part of the document that one Yjs client wrote, as positions in the editor. */
export interface WrittenRange {
  readonly from: number
  readonly to: number
  readonly client: number
  /** True for a node without text, such as an image. */
  readonly isNode: boolean
}

/**
 * The client that wrote each part of what is visible, in the order of the text. The ids of Yjs say it: it needs no
 * history.
 */
export function rangesIn(fragment: Y.XmlFragment, doc: Node): WrittenRange[] {
  const ranges: WrittenRange[] = []
  const add = (range: WrittenRange): void => {
    const last = ranges.at(-1)
    const continues = last?.client === range.client && last.to === range.from && !last.isNode
    if (last !== undefined && continues && !range.isNode) {
      ranges[ranges.length - 1] = { ...last, to: range.to }
    } else ranges.push(range)
  }
  const visitText = (text: Y.XmlText, start: number): number => {
    let at = start
    for (const { content, length, id } of livingIn(text)) {
      if (!(content instanceof Y.ContentString)) continue
      add({ from: at, to: at + length, client: id.client, isNode: false })
      at += length
    }
    return at
  }
  const visit = (parent: Y.XmlFragment, start: number): void => {
    let at = start
    for (const { content, id } of livingIn(parent)) {
      const type = content instanceof Y.ContentType ? content.type : null
      if (type instanceof Y.XmlText) at = visitText(type, at)
      if (!(type instanceof Y.XmlElement)) continue
      const node = at < doc.content.size ? doc.nodeAt(at) : null
      // The editor does not show this element yet, so the rest has no places.
      if (node?.type.name !== type.nodeName) return
      const to = at + node.nodeSize
      if (node.isLeaf) add({ from: at, to, client: id.client, isNode: true })
      else visit(type, at + 1)
      at = to
    }
  }
  visit(fragment, 0)
  return ranges
}

/** The items of a type that are visible, in their order. */
function* livingIn(type: Y.XmlFragment | Y.XmlText): Generator<Y.Item> {
  for (let item = type._start; item !== null; item = item.right) {
    if (!item.deleted && item.countable) yield item
  }
}

/** One entry of the legend. */
export interface Author {
  readonly name: string
  readonly color: string
  /** How much of the visible text the author wrote, from 0 to 1. */
  readonly share: number
}

export interface Authors {
  /** Those with the most text first. */
  readonly legend: readonly Author[]
  readonly of: (client: number) => Author | undefined
}

const NOBODY_KNOWN = 'Somebody unknown'
const GREY = 'var(--ink-soft)'

/** The palette in an order in which neighbours differ most, since their texts stand side by side. */
const COLORS = [5, 1, 3, 7, 6, 2, 4, 0].map((index) => PALETTE[index]?.color ?? GREY)

/**
 * The authors of ranges. Clients with the same name are one author. Every author has a colour of its own while there are
 * enough; the others share an entry.
 */
export function authorsOf(
  ranges: readonly WrittenRange[],
  names: ReadonlyMap<number, string>,
): Authors {
  const amounts = new Map<string, number>()
  const nameOf = (client: number): string => names.get(client) ?? NOBODY_KNOWN
  for (const { client, from, to } of ranges) {
    amounts.set(nameOf(client), (amounts.get(nameOf(client)) ?? 0) + to - from)
  }
  const all = [...amounts.values()].reduce((sum, amount) => sum + amount, 0)
  const known = [...amounts]
    .filter(([name]) => name !== NOBODY_KNOWN)
    .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
  const colored = known.slice(0, COLORS.length)
  const others = known.slice(COLORS.length)
  const byName = new Map<string, Author>()
  for (const [index, [name, amount]] of colored.entries()) {
    byName.set(name, { name, color: COLORS[index] ?? GREY, share: amount / all })
  }
  if (others.length > 0) {
    const name = others.length === 1 ? (others[0]?.[0] ?? '') : `${others.length} others`
    const amount = others.reduce((sum, [, one]) => sum + one, 0)
    const author = { name, color: GREY, share: amount / all }
    for (const [other] of others) byName.set(other, author)
  }
  const unknown = amounts.get(NOBODY_KNOWN)
  if (unknown !== undefined) {
    byName.set(NOBODY_KNOWN, { name: NOBODY_KNOWN, color: GREY, share: unknown / all })
  }
  return { legend: [...new Set(byName.values())], of: (client) => byName.get(nameOf(client)) }
}
