import * as Y from 'yjs'
import { kindOf } from '../changeSummary.ts'
import { attributesOf, type SharedType, valueInWords } from '../outline.ts'
import { type ChangedIds, holds, partsOf } from './changedIds.ts'

/** The effect of a row on a part of the document. */
export type Mark = 'added' | 'removed' | null

/** Text with one mark. */
export interface Piece {
  readonly text: string
  readonly mark: Mark
}

/** A line of the document: a paragraph, a heading, an entry of a map. */
export interface Block {
  /** Stable as long as its node exists. */
  readonly key: string
  /** Its kind: `paragraph`, `heading`, `map`, … */
  readonly kind: string
  /** How many nodes it is in. */
  readonly depth: number
  readonly pieces: readonly Piece[]
  /** The effect of the row on the node as a whole. */
  readonly mark: Mark
  /** Whether the row changed attributes of the node, or the formatting of its text. */
  readonly isReformatted: boolean
}

/** Whether the row changed anything in a block. */
export const isTouched = ({ mark, isReformatted, pieces }: Block): boolean =>
  mark !== null || isReformatted || pieces.some((piece) => piece.mark !== null)

/** The document as lines, with the changes of a row marked. Deleted content is there too if the document kept it. */
export function blocksOf(doc: Y.Doc, changed: ChangedIds): Block[] {
  return [...doc.share].flatMap(([name, type]) =>
    blocksIn(type, { key: `root ${name}`, kind: 'root', depth: 0, mark: null }, changed),
  )
}

type Node = Pick<Block, 'key' | 'kind' | 'depth' | 'mark'>

function blocksIn(type: SharedType, node: Node, changed: ChangedIds): Block[] {
  const line = new Line()
  const below: Block[] = []
  const nodeOf = ({ id }: Y.Item, kind: string, mark: Mark, from = 0): Node => ({
    key: `${id.client}:${id.clock + from} ${kind}`,
    kind,
    depth: node.depth + (node.kind === 'root' ? 0 : 1),
    mark,
  })
  const read = (sequence: SharedType) => {
    for (let item = sequence._start; item !== null; item = item.right) {
      const { content } = item
      if (content instanceof Y.ContentFormat) {
        line.isReformatted ||= isChanged(item, changed)
        continue
      }
      for (const { from, to, mark } of visibleIn(item, changed)) {
        if (content instanceof Y.ContentString) line.add(content.str.slice(from, to), mark)
        else if (content instanceof Y.ContentEmbed) line.add(wordsOf(content, from, to), mark)
        else if (!(content instanceof Y.ContentType)) {
          const value = new Line()
          value.add(wordsOf(content, from, to), mark)
          below.push(value.toBlock(nodeOf(item, 'value', mark, from)))
        } else if (isInline(content.type, type)) read(content.type)
        else {
          const child = nodeOf(item, kindOf(content.type), mark)
          // Not with spread arguments, which are too many for a long document.
          for (const block of blocksIn(content.type, child, changed)) below.push(block)
        }
      }
    }
  }
  read(type)
  // All of a new node is new.
  const isNew = node.mark === 'added'
  if (type instanceof Y.XmlElement) {
    line.isReformatted ||= [...type._map.values()].some((item) => isChanged(item, changed))
    if (line.isEmpty && below.length === 0) line.add(attributesOf(type), node.mark)
  } else {
    for (const [key, item] of type._map) {
      for (const block of entryOf(key, item, nodeOf, changed)) below.push(block)
    }
  }
  line.isReformatted &&= !isNew
  const isShown =
    !line.isEmpty || line.isReformatted || (below.length === 0 && node.kind !== 'root')
  return isShown ? [line.toBlock(node), ...below] : below
}

/** An entry of a map, with the value that the row replaced. */
function entryOf(
  key: string,
  newest: Y.Item,
  nodeOf: (item: Y.Item, kind: string, mark: Mark) => Node,
  changed: ChangedIds,
): Block[] {
  const values: { item: Y.Item; mark: Mark }[] = []
  for (let item: Y.Item | null = newest; item !== null; item = item.left) {
    const [part] = visibleIn(item, changed)
    if (part !== undefined) values.unshift({ item, mark: part.mark })
  }
  return values.flatMap(({ item, mark }) => {
    const { content } = item
    const line = new Line()
    const node = nodeOf(item, 'entry', mark)
    if (content instanceof Y.ContentType) {
      line.add(`${key}:`, mark)
      const child = nodeOf(item, kindOf(content.type), mark)
      return [line.toBlock(node), ...blocksIn(content.type, child, changed)]
    }
    line.add(`${key}: `, null)
    line.add(wordsOf(content, 0, content.getLength()), mark)
    return [line.toBlock(node)]
  })
}

/** The parts of an item to show: those in the document, and those that the row deleted. */
function visibleIn(
  item: Y.Item,
  { added, removed }: ChangedIds,
): { from: number; to: number; mark: Mark }[] {
  const { id, length, content, deleted } = item
  if (content instanceof Y.ContentDeleted) return []
  const parts = partsOf((deleted ? removed : added).get(id.client), id.clock, length)
  return parts.flatMap(({ from, to, isIn }): ReturnType<typeof visibleIn> => {
    if (!deleted) return [{ from, to, mark: isIn ? 'added' : null }]
    // Content that the row both adds and deletes was never in the document.
    const isSeen = isIn && !holds(added.get(id.client), id.clock + from)
    return isSeen ? [{ from, to, mark: 'removed' }] : []
  })
}

function isChanged({ id, deleted }: Y.Item, { added, removed }: ChangedIds): boolean {
  return holds((deleted ? removed : added).get(id.client), id.clock)
}

/** Whether the text of a node is on the line of its parent: that of a paragraph is. */
const isInline = (type: object, parent: object): boolean =>
  type instanceof Y.Text && parent instanceof Y.XmlElement

function wordsOf(content: Y.Item['content'], from: number, to: number): string {
  if (content instanceof Y.ContentDoc) return 'subdocument'
  const values: unknown[] = content.getContent().slice(from, to)
  return values.map((value) => valueInWords(value) || String(value)).join(', ')
}

/** The pieces of a block while they are collected; neighbours with the same mark become one. */
class Line {
  isReformatted = false
  #pieces: Piece[] = []

  get isEmpty(): boolean {
    return this.#pieces.length === 0
  }

  add(text: string, mark: Mark): void {
    const last = this.#pieces.at(-1)
    if (text === '') return
    if (last?.mark === mark)
      this.#pieces[this.#pieces.length - 1] = { text: last.text + text, mark }
    else this.#pieces.push({ text, mark })
  }

  toBlock(node: Node): Block {
    return { ...node, pieces: this.#pieces, isReformatted: this.isReformatted }
  }
}

/**
 * The blocks around the first one that the row changed, or the first ones if it changed none.
 * @returns them, and the number of blocks before and after them
 */
export function around(
  blocks: readonly Block[],
  most: number,
): { shown: readonly Block[]; before: number; after: number } {
  const touched = Math.max(0, blocks.findIndex(isTouched))
  const from = Math.max(0, Math.min(touched - Math.floor(most / 2), blocks.length - most))
  const shown = blocks.slice(from, from + most)
  return { shown, before: from, after: blocks.length - from - shown.length }
}
