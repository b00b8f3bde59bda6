// Reads documents of Lexical. Its Yjs binding keeps each block as a Y.XmlText with attributes, inside the
// text of its parent block. A Y.Map before each run of text holds the properties of the run. An element
// is a decorator (an image, a rule). See "@lexical/yjs", CollabElementNode and CollabTextNode.
import * as Y from 'yjs'
import { isObject, type Json, mapValues } from '../json.ts'
import { type DeltaOp, deltaOf, valueToJson } from '../shared-values.ts'
import { type Attrs, canonicalName, joinTexts, type PmMark, type PmNode } from './nodes.ts'

/** True if the text is a block of its own: it has attributes or holds shared types. */
export const isBlockText = (text: Y.XmlText): boolean =>
  Object.keys(text.getAttributes()).length > 0 ||
  deltaOf(text).some(({ insert }) => insert instanceof Y.AbstractType)

type Properties = Readonly<Record<string, Json>>

/** A block text as nodes: usually one node, but a link becomes a mark on its content. */
export function blockTextToNodes(text: Y.XmlText, nodesOf: (child: unknown) => PmNode[]): PmNode[] {
  const properties = mapValues(text.getAttributes() as Record<string, unknown>, valueToJson)
  return nodesOfBlock(properties, contentOf(deltaOf(text), nodesOf))
}

/** The content of a root text as blocks, if it holds XML types; null for text and plain embeds. */
export function blocksOfText(
  delta: readonly DeltaOp[],
  nodesOf: (child: unknown) => PmNode[],
): PmNode[] | null {
  const isXml = ({ insert }: DeltaOp): boolean =>
    insert instanceof Y.XmlText || insert instanceof Y.XmlFragment
  return delta.some(isXml) ? inBlocks(contentOf(delta, nodesOf)) : null
}

/** A decorator as a node: Lexical writes it as an element without a name, with its type as an attribute. */
export function decoratorToNode(element: Y.XmlElement): PmNode | null {
  const entries: Record<string, unknown> = element.getAttributes()
  if (typeof entries.__type !== 'string') return null
  const properties = mapValues(entries, valueToJson)
  const { __type: type, ...rest } = properties
  if (type === 'horizontalrule') return { type: 'horizontalRule', ...kept(rest, []) }
  if (type !== 'image') return { type: String(type), ...kept(rest, []) }
  const { __src: src = '', __altText: alt = '', __width, __height } = rest
  const size = (name: string, value: Json | undefined) =>
    typeof value === 'number' && value > 0 ? { [name]: value } : {}
  const attrs = { src, alt, ...size('width', __width), ...size('height', __height) }
  const others = kept(rest, ['__src', '__altText', '__width', '__height']).attrs ?? {}
  return { type: 'image', attrs: { ...attrs, ...others } }
}

function contentOf(delta: readonly DeltaOp[], nodesOf: (child: unknown) => PmNode[]): PmNode[] {
  const nodes: PmNode[] = []
  let run: Properties = {}
  for (const { insert, attributes } of delta) {
    if (typeof insert === 'string') {
      const marks = [...marksOfRun(run), ...marksOfFormats(attributes)]
      nodes.push({ type: 'text', text: insert, ...(marks.length > 0 ? { marks } : {}) })
    } else if (insert instanceof Y.Map && !(insert instanceof Y.XmlHook)) {
      run = Object.fromEntries([...insert].map(([key, value]) => [key, valueToJson(value)]))
      if (run.__type === 'linebreak') nodes.push({ type: 'hardBreak' })
    } else if (insert instanceof Y.AbstractType) {
      nodes.push(...nodesOf(insert))
    } else {
      nodes.push({ type: '$embed', attrs: { value: valueToJson(insert) } })
    }
  }
  return nodes
}

/** Bits of `__format` of a run of text. */
const FORMATS: readonly (readonly [bit: number, mark: string])[] = [
  [1, 'bold'],
  [2, 'italic'],
  [4, 'strike'],
  [8, 'underline'],
  [16, 'code'],
  [32, 'subscript'],
  [64, 'superscript'],
  [128, 'highlight'],
  [256, 'lowercase'],
  [512, 'uppercase'],
  [1024, 'capitalize'],
]

const KNOWN_BITS = FORMATS.reduce((bits, [bit]) => bits | bit, 0)

/** Types of runs that are plain text. */
const PLAIN_RUNS: readonly string[] = ['text', 'tab', 'code-highlight']

function marksOfRun(run: Properties): PmMark[] {
  const { __type: type = 'text', __format: format = 0, ...others } = run
  const bits = typeof format === 'number' ? format : 0
  const marks: PmMark[] = FORMATS.filter(([bit]) => (bits & bit) !== 0).map(([, mark]) => ({
    type: mark,
  }))
  // Bits that a newer version of Lexical defines.
  const unknown = typeof format === 'number' ? format & ~KNOWN_BITS : format
  const { attrs } = kept({ ...others, __format: unknown }, ['__highlightType'])
  const isPlain = typeof type !== 'string' || PLAIN_RUNS.includes(type)
  if (isPlain && attrs === undefined) return marks
  return [...marks, { type: isPlain ? 'lexicalText' : type, ...(attrs ? { attrs } : {}) }]
}

const marksOfFormats = (attributes: Record<string, unknown> = {}): PmMark[] =>
  Object.entries(attributes).map(([type, value]) => ({
    type,
    attrs: isObject(value) ? mapValues(value, valueToJson) : { value: valueToJson(value) },
  }))

/** The properties that differ from Lexical's defaults and are not already converted (`said`). */
function kept(properties: Properties, said: readonly string[]): { attrs?: Attrs } {
  const attrs = Object.fromEntries(
    Object.entries(properties).filter(
      ([name, value]) => !said.includes(name) && !isDefault(name, value),
    ),
  )
  return Object.keys(attrs).length > 0 ? { attrs } : {}
}

/**
 * Values that Lexical writes on every block and run, and that have no meaning. A zero in a property of an app
 * has a meaning and is not listed here.
 */
const DEFAULTS: Readonly<Record<string, Json>> = {
  __format: 0,
  __style: '',
  __indent: 0,
  __dir: 'ltr',
  __mode: 0,
  __detail: 0,
  __textFormat: 0,
  __textStyle: '',
  __frozenColumnCount: 0,
  __frozenRowCount: 0,
}

const isDefault = (name: string, value: Json): boolean =>
  value === null || (Object.hasOwn(DEFAULTS, name) && DEFAULTS[name] === value)

/** A block with the given attributes and those from its remaining properties. */
const block = (
  type: string,
  content: readonly PmNode[],
  properties: Properties,
  attrs: Attrs = {},
  said: readonly string[] = [],
): PmNode => {
  const { __format: format } = properties
  const align = typeof format === 'number' ? ALIGNMENTS[format] : undefined
  const aligned = align === undefined ? [] : ['__format']
  const all = {
    ...attrs,
    ...(align === undefined ? {} : { textAlign: align }),
    ...kept(properties, ['__type', ...aligned, ...said]).attrs,
  }
  return {
    type,
    ...(Object.keys(all).length > 0 ? { attrs: all } : {}),
    ...(content.length > 0 ? { content } : {}),
  }
}

/** The alignment for each number in `__format` of a block. */
const ALIGNMENTS = [undefined, 'left', 'center', 'right', 'justify', 'start', 'end']

function nodesOfBlock(properties: Properties, content: PmNode[]): PmNode[] {
  const { __type: type } = properties
  const build = typeof type === 'string' && Object.hasOwn(BLOCKS, type) ? BLOCKS[type] : undefined
  if (build !== undefined) return build(properties, content)
  return [block(typeof type === 'string' ? type : '$text', content, properties)]
}

type Build = (properties: Properties, content: PmNode[]) => PmNode[]

const link: Build = (properties, content) => {
  const { __url: href = '' } = properties
  const { attrs } = kept(properties, ['__type', '__url'])
  const mark: PmMark = { type: 'link', attrs: { href, ...attrs } }
  return content.map((node) => ({ ...node, marks: [...(node.marks ?? []), mark] }))
}

const BLOCKS: Readonly<Record<string, Build>> = {
  paragraph: (properties, content) => [block('paragraph', content, properties)],
  heading: (properties, content) => {
    const { __tag: tag } = properties
    const level = typeof tag === 'string' ? /^h([1-6])$/.exec(tag)?.[1] : undefined
    const said = level === undefined ? [] : ['__tag']
    return [block('heading', content, properties, { level: Number(level ?? 1) }, said)]
  },
  quote: (properties, content) => [block('blockquote', inBlocks(content), properties)],
  code: (properties, content) => {
    const lines = content.map(
      (node): PmNode => (node.type === 'hardBreak' ? { type: 'text', text: '\n' } : node),
    )
    const { __language: language } = properties
    const isNamed = typeof language === 'string'
    const attrs = isNamed ? { language } : {}
    return [block('codeBlock', joinTexts(lines), properties, attrs, isNamed ? ['__language'] : [])]
  },
  list: (properties, content) => {
    const { __listType: kind, __start: start } = properties
    const said = ['__listType', '__start', '__tag']
    if (kind === 'number') {
      const attrs = typeof start === 'number' && start !== 1 ? { start } : {}
      return [block('orderedList', content, properties, attrs, said)]
    }
    if (kind !== 'check') {
      const known = kind === 'bullet' ? said : ['__start', '__tag']
      return [block('bulletList', content, properties, {}, known)]
    }
    const items = content.map((item) => ({
      ...item,
      type: 'taskItem',
      attrs: { ...item.attrs, checked: item.attrs?.checked === true },
    }))
    return [block('taskList', items, properties, {}, said)]
  },
  listitem: (properties, content) => {
    const { __checked: checked } = properties
    const attrs = typeof checked === 'boolean' ? { checked } : {}
    return [block('listItem', inBlocks(content), properties, attrs, ['__checked', '__value'])]
  },
  link,
  autolink: link,
  table: (properties, content) => [block('table', content, properties)],
  tablerow: (properties, content) => [block('tableRow', content, properties)],
  tablecell: (properties, content) => {
    const { __colSpan, __rowSpan, __headerState: header } = properties
    const span = (name: string, value: Json | undefined) =>
      typeof value === 'number' && value > 1 ? { [name]: value } : {}
    const type = typeof header === 'number' && header > 0 ? 'tableHeader' : 'tableCell'
    const attrs = { ...span('colspan', __colSpan), ...span('rowspan', __rowSpan) }
    // A `tableHeader` does not say whether it heads a row, a column or both, so states other than 1 are kept.
    const said = [
      '__colSpan',
      '__rowSpan',
      ...(header === 0 || header === 1 ? ['__headerState'] : []),
    ]
    return [block(type, inBlocks(content), properties, attrs, said)]
  },
}

/** Lexical puts text directly into list items and quotes; ProseMirror puts paragraphs there. */
function inBlocks(content: readonly PmNode[]): PmNode[] {
  const blocks: PmNode[] = []
  let line: PmNode[] = []
  const end = () => {
    if (line.length > 0) blocks.push({ type: 'paragraph', content: line })
    line = []
  }
  for (const node of content) {
    if (INLINE.has(canonicalName(node.type))) {
      line.push(node)
      continue
    }
    end()
    blocks.push(node)
  }
  end()
  return blocks
}

const INLINE = new Set(['text', 'hardBreak', '$embed'])
