import type { Element, Root } from 'hast'
import { defaultSchema, type Schema, sanitize } from 'hast-util-sanitize'
import { addressKind } from '../addresses.ts'
import { Losses } from '../losses.ts'
import { parseStyles, writeStyles } from './styles.ts'

/** The style of elements in which white space is preserved. */
export const KEEP_SPACE = 'white-space: pre-wrap'

/** Elements that only group blocks. */
export const GROUPS: readonly string[] = [
  'address',
  'article',
  'aside',
  'body',
  'caption',
  'center',
  'dd',
  'details',
  'div',
  'dl',
  'dt',
  'fieldset',
  'figcaption',
  'figure',
  'footer',
  'form',
  'header',
  'hgroup',
  'html',
  'main',
  'nav',
  'section',
  'summary',
]

/** Elements that are removed together with their text. */
export const STRIPPED: readonly string[] = [
  'script',
  'style',
  'title',
  'template',
  'noscript',
  'object',
  'svg',
  'math',
]

const MEDIA = ['src', 'poster', 'title', 'width', 'height', 'controls']

/** The schema compares schemes letter by letter, so addresses are checked below instead. */
const { href: _href, src: _src, ...protocols } = defaultSchema.protocols ?? {}

const SCHEMA: Schema = {
  ...defaultSchema,
  tagNames: [
    ...(defaultSchema.tagNames ?? []),
    ...GROUPS,
    'u',
    'mark',
    'label',
    'font',
    'video',
    'audio',
  ],
  strip: [...STRIPPED],
  attributes: {
    ...defaultSchema.attributes,
    '*': [...(defaultSchema.attributes?.['*'] ?? []), 'data*', 'style'],
    a: ['href', 'target', 'rel', 'title', 'className'],
    ol: ['start', 'type'],
    ul: [['className', 'contains-task-list']],
    td: ['colwidth'],
    th: ['colwidth'],
    font: ['color', 'face'],
    video: MEDIA,
    audio: MEDIA,
  },
  protocols,
  // No ids are written, and reading does not use any.
  clobber: [],
}

/** Every allowed property that holds an address, with its use. */
const ADDRESSES = { href: 'link', src: 'media', poster: 'media' } as const

/**
 * Removes everything that could run or mislead: scripts, handlers, addresses that run, and styles other
 * than those of text. Removed addresses are counted.
 */
export function sanitizeTree(tree: Root, losses: Losses = new Losses()): Root {
  const clean = sanitize(tree, SCHEMA) as Root
  forEachElement(clean, (element) => {
    cleanAddresses(element, losses)
    cleanStyle(element)
  })
  return clean
}

/** Calls `visit` for every element of a tree, parents first. */
export function forEachElement(
  node: Root | Element,
  visit: (element: Element, parent: Root | Element) => void,
): void {
  for (const child of node.children) {
    if (child.type !== 'element') continue
    visit(child, node)
    forEachElement(child, visit)
  }
}

function cleanAddresses({ tagName, properties }: Element, losses: Losses): void {
  for (const [name, use] of Object.entries(ADDRESSES)) {
    const value = properties[name]
    if (value === undefined || value === null) continue
    if (typeof value === 'string' && addressKind(value, use) !== 'script') continue
    delete properties[name]
    losses.add('address', `${tagName}.${name}`)
  }
}

function cleanStyle({ properties }: Element): void {
  const { style } = properties
  if (style === undefined) return
  const safe = typeof style === 'string' ? writeStyles(parseStyles(style).styles) : undefined
  if (safe === undefined) delete properties.style
  else properties.style = safe
}
