import { fromHtml } from 'hast-util-from-html'
import { toHtml } from 'hast-util-to-html'
import { Losses } from '../losses.ts'
import type { PmNode } from '../prosemirror/nodes.ts'
import { hastToProsemirror } from './from-hast.ts'
import { sanitizeTree } from './sanitize.ts'
import { prosemirrorToHast } from './to-hast.ts'

/** A ProseMirror document as an HTML fragment in which nothing runs. Only unsafe addresses are lost. */
export const prosemirrorToHtml = (doc: PmNode, _losses: Losses = new Losses()): string =>
  toHtml(sanitizeTree(prosemirrorToHast(doc)))

/** HTML of any origin as a ProseMirror document of TipTap's nodes and marks. */
export const htmlToProsemirror = (html: string, _losses: Losses = new Losses()): PmNode =>
  hastToProsemirror(sanitizeTree(fromHtml(html, { fragment: true })))
