import type { Node } from '@tiptap/pm/model'
import { Decoration, DecorationSet } from '@tiptap/pm/view'
import type { Change, TextPart } from '@y-electric/documents'
import { overlay } from './overlay.ts'

/** Shows the difference to a version inside of the text. */
export const comparison = overlay<Change>('comparison', drawn)

/** The changes as decorations. Their paths are those of the newer document, which the editor shows. */
export function drawn(doc: Node, changes: readonly Change[]): DecorationSet {
  return DecorationSet.create(
    doc,
    changes.flatMap((change) => decorationsOf(doc, change)),
  )
}

function decorationsOf(doc: Node, change: Change): Decoration[] {
  const [root, ...steps] = change.path
  const place = root === 'default' ? placeOf(doc, steps) : null
  if (place === null) return []
  switch (change.type) {
    case 'text':
      return decorationsOfText(place.from, change.parts, doc.content.size)
    case 'added':
      return place.isFound ? [over(place, 'compare-added')] : []
    case 'removed':
      return [gone(place.from, wordsOf(change.value), !place.isInline)]
    case 'changed':
      return place.from < place.to ? [over(place, 'compare-changed')] : []
  }
}

interface Place {
  readonly from: number
  readonly to: number
  readonly isInline: boolean
  /** False if the path leads to something that this document does not have. */
  readonly isFound: boolean
}

/**
 * The place of a path: positions among the children, as Yjs counts them, where one text with several marks is
 * one child. The name of an attribute stands for its node.
 */
function placeOf(doc: Node, steps: Change['path']): Place | null {
  let node = doc
  let start = 0
  let place: Place = { from: 0, to: 0, isInline: false, isFound: true }
  for (const step of steps) {
    if (typeof step === 'string') return place
    const child = childAt(node, step)
    if (child === null) {
      const end = start + node.content.size
      return { from: end, to: end, isInline: node.isTextblock, isFound: false }
    }
    const from = start + child.offset
    place = { from, to: from + child.size, isInline: node.isTextblock, isFound: true }
    if (child.node === null) return place
    node = child.node
    start = from + 1
  }
  return place
}

function childAt(parent: Node, index: number) {
  let count = -1
  let found: { node: Node | null; offset: number; size: number } | null = null
  let wasText = false
  parent.forEach((node, offset) => {
    if (!(node.isText && wasText)) count += 1
    wasText = node.isText
    if (count !== index) return
    const size = node.nodeSize
    found =
      found === null
        ? { node: node.isText ? null : node, offset, size }
        : { ...found, size: found.size + size }
  })
  return found as { node: Node | null; offset: number; size: number } | null
}

const over = ({ from, to, isInline }: Place, className: string): Decoration =>
  isInline
    ? Decoration.inline(from, to, { class: className })
    : Decoration.node(from, to, { class: className })

function decorationsOfText(from: number, parts: readonly TextPart[], most: number): Decoration[] {
  const decorations: Decoration[] = []
  let at = from
  for (const part of parts) {
    if (at > most) break
    if (part.type === 'removed') {
      decorations.push(gone(at, part.text, false))
      continue
    }
    const length = part.type === 'skipped' ? part.length : part.text.length
    const to = Math.min(at + length, most)
    if (part.type === 'added' && to > at) {
      decorations.push(Decoration.inline(at, to, { class: 'compare-added' }))
    }
    if (part.type === 'formatted' && to > at) {
      decorations.push(Decoration.inline(at, to, { class: 'compare-changed' }))
    }
    at += length
  }
  return decorations
}

/** Removed words, shown where they stood. */
function gone(at: number, words: string, isBlock: boolean): Decoration {
  const draw = () => {
    const element = document.createElement('del')
    element.className = isBlock ? 'compare-removed compare-block' : 'compare-removed'
    element.textContent = words
    element.contentEditable = 'false'
    return element
  }
  return Decoration.widget(at, draw, { side: -1, ignoreSelection: true, key: `gone ${words}` })
}

/** The text of a removed part, which is given as its XML source. */
function wordsOf(value: unknown): string {
  const source = typeof value === 'string' ? value : JSON.stringify(value)
  const words = source
    .replace(/<[^<>]+>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
  return words.replace(/\s+/g, ' ').trim() || '(an empty block)'
}
