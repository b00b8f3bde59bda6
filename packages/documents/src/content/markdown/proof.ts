// Markdown's syntax depends on the characters around it in many ways. So a block is written in Markdown
// syntax only if reading it again gives the same block.
import type { RootContent } from 'mdast'
import { isSameContent } from '../prosemirror/canonical.ts'
import { canonicalName, type PmMark, type PmNode } from '../prosemirror/nodes.ts'
import { markdownToProsemirror } from './read.ts'
import { serialize } from './serialize.ts'
import { type Signs, signsOf } from './signs.ts'

/** Blocks that are read together: reading one by one costs ten times as much. */
const BATCH = 200

/** The blocks of a document that Markdown's syntax can express, by their nodes. */
export function provenSigns(doc: PmNode): ReadonlyMap<PmNode, Signs> {
  const found = new Map<PmNode, Signs>()
  collect(doc, found)
  const unsure = [...found].filter(([, { node }]) => !isSure(node))
  for (let i = 0; i < unsure.length; i += BATCH) refute(unsure.slice(i, i + BATCH), found)
  return found
}

function collect(node: PmNode, found: Map<PmNode, Signs>): void {
  const signs = signsOf(node)
  if (signs !== null) {
    found.set(node, signs)
    return
  }
  for (const child of node.content ?? []) if (child.type !== 'text') collect(child, found)
}

const RULE: RootContent = { type: 'thematicBreak' }

/** Removes the blocks that come back as something else. */
function refute(list: readonly (readonly [PmNode, Signs])[], found: Map<PmNode, Signs>): void {
  const blocks = list.flatMap(([, { block }], i) => (i === 0 ? [block] : [RULE, block]))
  const parts = [[]] as PmNode[][]
  for (const node of markdownToProsemirror(serialize(blocks)).content ?? []) {
    if (node.type === 'horizontalRule') parts.push([])
    else parts.at(-1)?.push(node)
  }
  if (parts.length === list.length) {
    for (const [i, [node, signs]] of list.entries()) {
      if (!isSameContent(parts[i] ?? [], [signs.node])) found.delete(node)
    }
    return
  }
  const [only, ...others] = list
  if (only === undefined) return
  if (others.length === 0) {
    found.delete(only[0])
    return
  }
  // One block has become a rule, or has hidden one: bisect to find it.
  const half = Math.ceil(list.length / 2)
  refute(list.slice(0, half), found)
  refute(list.slice(half), found)
}

/** Text that needs no proof: all its special characters are always escaped. */
const PLAIN = /^(?!\s)[\p{L}\p{N}\p{Emoji_Presentation} ,:;'"()?!.%&/-]*$/u
const WORDS = /^[\p{L}\p{N}](?:[\p{L}\p{N} ]*[\p{L}\p{N}])?$/u
const ADDRESS = /^https?:\/\/[\w./?=#%-]+$/

/** True if no proof is needed; a proof costs as much as reading. */
function isSure({ type, content = [] }: PmNode): boolean {
  const name = canonicalName(type)
  if (name === 'horizontalRule' || name === 'codeBlock') return true
  if ((name !== 'paragraph' && name !== 'heading') || content.length === 0) return false
  const first = content[0]?.text ?? ''
  const last = content.at(-1)?.text ?? ''
  return /^\p{L}/u.test(first) && !/\s$/.test(last) && content.every(isSurePart)
}

function isSurePart(node: PmNode, i: number, line: readonly PmNode[]): boolean {
  const { text = '', marks = [] } = node
  if (node.type !== 'text') return false
  const isFirst = i === 0
  if (marks.length === 0) {
    const isText = PLAIN.test(isFirst ? text : `a${text}`)
    return isText && !/www\.|:\/\/|--|&[#\w]|!$/i.test(text)
  }
  const [before, after] = [line[i - 1], line[i + 1]]
  const beginsWord = before === undefined || isBoundary(before, /[ (]$/)
  const endsWord = after === undefined || isBoundary(after, /^[ ),.;?!]/)
  return marks.length === 1 && isSureMark(marks[0]) && WORDS.test(text) && beginsWord && endsWord
}

const isBoundary = ({ text = '', marks = [] }: PmNode, edge: RegExp): boolean =>
  marks.length === 0 && edge.test(text)

function isSureMark(mark: PmMark | undefined): boolean {
  const attrs = Object.entries(mark?.attrs ?? {}).filter(([, value]) => value !== null)
  if (mark?.type !== 'link') return attrs.length === 0
  return attrs.every(
    ([name, value]) => name === 'href' && typeof value === 'string' && ADDRESS.test(value),
  )
}
