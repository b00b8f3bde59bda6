// Counts the content of imported HTML that has no matching node or mark, before it is dropped.
import type { Element, Properties, Root } from 'hast'
import type { Losses } from '../losses.ts'
import { isReadAsCaption } from './captions.ts'
import { MARKS_BY_TAG } from './marks.ts'
import { forEachElement, STRIPPED } from './sanitize.ts'
import { isElement } from './structures.ts'
import { parseStyles } from './styles.ts'

/** Elements that are read as nodes or marks, or that add nothing to their content. */
const READ: ReadonlySet<string> = new Set([
  ...Object.keys(MARKS_BY_TAG),
  ...['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'ul', 'ol', 'li', 'pre', 'hr', 'br'],
  ...['table', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'img', 'video', 'audio', 'iframe'],
  ...['html', 'head', 'body', 'div', 'span', 'section', 'article', 'main', 'header', 'footer'],
  ...['nav', 'aside', 'hgroup', 'center', 'form', 'label', 'address', 'meta', 'link', 'base'],
  ...['colgroup', 'col', 'source', 'wbr', 'title', 'style'],
])

const MEDIA = ['src', 'poster', 'title', 'width', 'height', 'controls']
const BLOCK = ['dir', 'align']
const CELL = ['colSpan', 'rowSpan', 'colwidth', 'dataColwidth', 'align']

/** The attributes that are read, by element. Our own data attributes are read on every element. */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  a: ['href', 'target', 'rel', 'title', 'className'],
  ...Object.fromEntries(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((tag) => [tag, BLOCK])),
  ol: ['start', 'type'],
  ul: ['dataType'],
  li: ['dataType', 'dataChecked'],
  td: CELL,
  th: CELL,
  img: ['src', 'alt', 'title', 'width', 'height'],
  video: MEDIA,
  audio: MEDIA,
  iframe: ['src', 'title', 'width', 'height', 'name', 'allow', 'allowFullScreen'],
  mark: ['dataColor'],
  font: ['color', 'face'],
  code: ['dataYMeta'],
  input: ['type', 'checked', 'disabled'],
  source: ['src'],
}

const TEXT_STYLES = ['color', 'background-color', 'font-family', 'font-size', 'line-height']
const SPAN = [...TEXT_STYLES, 'font-weight', 'font-style', 'text-decoration']
const STYLES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'td', 'th'].map((tag) => [tag, ['text-align']]),
  ),
  span: SPAN,
  font: TEXT_STYLES,
  mark: ['background-color'],
}

/** Counts the elements, attributes and comments of a tree that the document cannot hold, scripts included. */
export function countDropped(node: Root | Element, losses: Losses): void {
  for (const child of node.children) {
    if (child.type === 'comment') losses.add('node', 'comment')
    if (child.type !== 'element') continue
    const { tagName } = child
    const isBox = tagName === 'input' && child.properties.type === 'checkbox'
    const isRead = READ.has(tagName) || isBox || isReadAsCaption(child, node)
    if (!isRead) losses.add('node', tagName)
    // Nothing inside a stripped element counts as content.
    if (STRIPPED.includes(tagName)) continue
    countAttributes(child, losses)
    // The fallback text for browsers that cannot play the media.
    if (isElement(child, 'video', 'audio') && textOf(child).trim() !== '')
      losses.add('text', tagName)
    countDropped(child, losses)
  }
}

const textOf = (node: Element): string =>
  node.children
    .map((child) =>
      child.type === 'text' ? child.value : child.type === 'element' ? textOf(child) : '',
    )
    .join('')

const UNIMPORTANT: ReadonlySet<string> = new Set([
  'html',
  'head',
  'body',
  'meta',
  'link',
  'base',
  'col',
  'colgroup',
])

function countAttributes(element: Element, losses: Losses): void {
  const { tagName, properties } = element
  if (UNIMPORTANT.has(tagName)) return
  for (const name of Object.keys(properties)) {
    if (name === 'style') countStyles(element, losses)
    else if (!isReadAttribute(tagName, name, properties))
      losses.add('attribute', `${tagName}.${name}`)
  }
}

/** Classes that are read: the language of code, and GitHub's classes for task lists. */
const CLASS = /^(language-.+|contains-task-list|task-list-item)$/

function isReadAttribute(tagName: string, name: string, properties: Properties): boolean {
  if (name === 'className' && tagName !== 'a') {
    return [properties.className].flat().every((one) => CLASS.test(String(one)))
  }
  if (name.startsWith('dataY')) return true
  if (tagName === 'span' && properties.dataType === 'mention') return name.startsWith('data')
  return ATTRIBUTES[tagName]?.includes(name) === true
}

function countStyles({ tagName, properties }: Element, losses: Losses): void {
  const { styles, refused } = parseStyles(String(properties.style))
  const unread = Object.keys(styles).filter(
    (name) => name !== 'white-space' && STYLES[tagName]?.includes(name) !== true,
  )
  for (const name of [...refused, ...unread]) losses.add('attribute', `${tagName}.style.${name}`)
}

/**
 * Turns frames into generic elements, which no browser opens, because exported HTML contains no frames. Gives
 * video and audio elements without `src` the address of their `source`.
 */
export function keepMedia(tree: Root): void {
  forEachElement(tree, (element, parent) => {
    if (element.tagName === 'iframe') frameToNode(element, parent)
    if (isElement(element, 'video', 'audio') && element.properties.src === undefined) {
      const source = element.children.find((child) => isElement(child, 'source')) as
        | Element
        | undefined
      if (source?.properties.src !== undefined) element.properties.src = source.properties.src
    }
  })
}

function frameToNode(frame: Element, parent: Root | Element): void {
  const { src, title, width, height, name, allow, allowFullScreen } = frame.properties
  const isYoutube = parent.type === 'element' && parent.properties.dataYoutubeVideo !== undefined
  frame.tagName = 'div'
  frame.children = []
  frame.properties = {
    dataYNode: isYoutube ? 'youtube' : 'iframe',
    dataYAttrs: JSON.stringify({ src, title, width, height, name, allow, allowFullScreen }),
    dataYLeaf: '',
  }
}
