import type { Root } from 'hast'
import { defaultSchema, type Schema, sanitize } from 'hast-util-sanitize'

/** Where white space counts as it stands: the one style that is written, and read. */
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

const SCHEMA: Schema = {
  ...defaultSchema,
  tagNames: [...(defaultSchema.tagNames ?? []), ...GROUPS, 'u', 'mark', 'label'],
  // Not even their text is content.
  strip: ['script', 'style', 'title', 'template', 'noscript', 'object', 'svg', 'math'],
  attributes: {
    ...defaultSchema.attributes,
    '*': [...(defaultSchema.attributes?.['*'] ?? []), 'data*', ['style', KEEP_SPACE]],
    a: ['href', 'target', 'rel', 'title', 'className'],
    ol: ['start', 'type'],
    ul: [['className', 'contains-task-list']],
    td: ['colwidth'],
    th: ['colwidth'],
  },
  protocols: {
    ...defaultSchema.protocols,
    href: ['http', 'https', 'mailto', 'tel', 'sms', 'ftp', 'irc', 'ircs', 'xmpp'],
    // An image by data URL cannot run anything.
    src: ['http', 'https', 'data'],
  },
  // No ids are written, and nothing that is read goes by them.
  clobber: [],
}

/** Leaves out what could run or mislead: scripts, handlers, javascript: links, styles. */
export const sanitizeTree = (tree: Root): Root => sanitize(tree, SCHEMA) as Root
