import { encodeAny, toBase64 } from 'lib0/buffer'
import * as sha256 from 'lib0/hash/sha256'
import * as Y from 'yjs'
import { fromJson, mapValues } from '../json.ts'
import { jsonToValue } from '../shared-values.ts'
import { EMBED, type PmMark, type PmNode } from './nodes.ts'

/** Letters of the hash that tells apart two marks of one name on one text. */
const HASH_BYTES = 6

/**
 * Writes a ProseMirror document into an empty xml fragment as y-prosemirror (y-tiptap) does, but
 * without a schema: attributes that are not named are left to the editor's schema.
 */
export function prosemirrorToFragment(doc: PmNode, fragment: Y.XmlFragment): void {
  const content = doc.content ?? []
  fragment.insert(0, childrenOf(content, overlappingMarks(content)))
}

/** A schema says which marks may overlap themselves; without one, those that do here. */
function overlappingMarks(nodes: readonly PmNode[], found = new Set<string>()): Set<string> {
  for (const { marks = [], content = [] } of nodes) {
    const names = marks.map(({ type }) => type)
    for (const name of names) if (names.indexOf(name) !== names.lastIndexOf(name)) found.add(name)
    overlappingMarks(content, found)
  }
  return found
}

const isText = ({ type }: PmNode): boolean => type === 'text' || type === EMBED

/** Text nodes that follow each other are one Y.XmlText. */
function childrenOf(
  nodes: readonly PmNode[],
  overlapping: ReadonlySet<string>,
): (Y.XmlElement | Y.XmlText)[] {
  const children: (Y.XmlElement | Y.XmlText)[] = []
  let run: PmNode[] = []
  const endRun = () => {
    if (run.length > 0) children.push(textOf(run, overlapping))
    run = []
  }
  for (const node of nodes) {
    if (isText(node)) {
      run.push(node)
      continue
    }
    endRun()
    children.push(elementOf(node, overlapping))
  }
  endRun()
  return children
}

function elementOf(node: PmNode, overlapping: ReadonlySet<string>): Y.XmlElement {
  const element = new Y.XmlElement(node.type)
  for (const [name, value] of Object.entries(node.attrs ?? {})) {
    // Yjs stores any value; its types only know those of the DOM.
    if (value !== null && name !== 'ychange')
      element.setAttribute(name, jsonToValue(value) as string)
  }
  element.insert(0, childrenOf(node.content ?? [], overlapping))
  return element
}

function textOf(nodes: readonly PmNode[], overlapping: ReadonlySet<string>): Y.XmlText {
  const text = new Y.XmlText()
  const delta = nodes
    .filter((node) => node.type === EMBED || node.text !== '')
    .map((node) => ({
      insert: node.type === EMBED ? jsonToValue(node.attrs?.value ?? null) : node.text,
      attributes: Object.fromEntries(
        (node.marks ?? [])
          .filter(({ type }) => type !== 'ychange')
          .map((mark) => [
            overlapping.has(mark.type) ? `${mark.type}--${hashOf(mark)}` : mark.type,
            mapValues(mark.attrs ?? {}, fromJson),
          ]),
      ),
    }))
  text.applyDelta(delta)
  return text
}

/** The hash that y-prosemirror gives a mark. */
function hashOf({ type, attrs = {} }: PmMark): string {
  const json = Object.keys(attrs).length > 0 ? { type, attrs } : { type }
  const digest = sha256.digest(encodeAny(json))
  const short = digest.slice(0, HASH_BYTES)
  for (let i = HASH_BYTES; i < digest.length; i++) {
    short[i % HASH_BYTES] = (short[i % HASH_BYTES] ?? 0) ^ (digest[i] ?? 0)
  }
  return toBase64(short)
}
