import { fromHtml } from 'hast-util-from-html'
import { toHtml } from 'hast-util-to-html'
import type { PmNode } from '../prosemirror/nodes.ts'
import { hastToProsemirror } from './from-hast.ts'
import { sanitizeTree } from './sanitize.ts'
import { prosemirrorToHast } from './to-hast.ts'

/** A ProseMirror document as an HTML fragment: nothing in it runs, and nothing of it is lost. */
export const prosemirrorToHtml = (doc: PmNode): string =>
  toHtml(sanitizeTree(prosemirrorToHast(doc)))

/** HTML of any origin as a ProseMirror document of TipTap's nodes and marks. */
export const htmlToProsemirror = (html: string): PmNode =>
  hastToProsemirror(sanitizeTree(fromHtml(html, { fragment: true })))
