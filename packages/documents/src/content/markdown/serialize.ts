import type { RootContent } from 'mdast'
import { frontmatterToMarkdown } from 'mdast-util-frontmatter'
import { gfmToMarkdown } from 'mdast-util-gfm'
import { toMarkdown } from 'mdast-util-to-markdown'
import type { PmNode } from '../prosemirror/nodes.ts'

/** A tree of Markdown as text. */
export const serialize = (children: RootContent[]): string =>
  toMarkdown({ type: 'root', children }, { extensions: [gfmToMarkdown(), frontmatterToMarkdown()] })

/** True if the node has no marks and no attributes other than these. */
export const hasOnly = ({ attrs, marks = [] }: PmNode, names: readonly string[]): boolean =>
  marks.length === 0 &&
  Object.entries(attrs ?? {}).every(([name, value]) => value === null || names.includes(name))
