import type { Root } from 'hast'
import { fromHtml } from 'hast-util-from-html'
import { toHtml } from 'hast-util-to-html'
import { Losses } from '../losses.ts'
import { cleanNode } from '../prosemirror/clean.ts'
import type { PmNode } from '../prosemirror/nodes.ts'
import { keepCaptions } from './captions.ts'
import { countDropped, keepMedia } from './dropped.ts'
import { hastToProsemirror } from './from-hast.ts'
import { sanitizeTree } from './sanitize.ts'
import { prosemirrorToHast } from './to-hast.ts'

/**
 * A ProseMirror document as an HTML fragment that runs no script. Only addresses that could run a
 * script, and characters that HTML cannot express, are lost.
 */
export const prosemirrorToHtml = (doc: PmNode, losses: Losses = new Losses()): string =>
  writeHtml(prosemirrorToHast(cleanNode(doc, losses)))

/** A tree as a fragment that runs no script. HTML parsers would turn a bare CR into a line feed. */
export const writeHtml = (tree: Root): string =>
  toHtml(sanitizeTree(tree)).replaceAll('\r', '&#xD;')

/** HTML of any origin as a ProseMirror document of TipTap's nodes and marks. */
export function htmlToProsemirror(html: string, losses: Losses = new Losses()): PmNode {
  const tree = fromHtml(html, { fragment: true })
  countDropped(tree, losses)
  keepMedia(tree)
  keepCaptions(tree)
  return hastToProsemirror(sanitizeTree(tree, losses), losses)
}
