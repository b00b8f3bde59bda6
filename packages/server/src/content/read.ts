import { decodeSnapshot, decodeUpdate } from 'y-electric/protocol'
import * as Y from 'yjs'
import { RequestError } from '../errors.ts'
import { DEFAULT_ROOT, type Format, type ReadChoice, requireImportable } from './formats.ts'
import { htmlToProsemirror } from './html/html.ts'
import { parseJson } from './json.ts'
import { Losses } from './losses.ts'
import { markdownToProsemirror } from './markdown/read.ts'
import { type PmNode, requireNode } from './prosemirror/nodes.ts'
import { textToProsemirror } from './prosemirror/text.ts'
import { prosemirrorToFragment } from './prosemirror/to-yjs.ts'
import { openRoot } from './roots.ts'
import { jsonToDocument } from './shared.ts'
import { MAX_CONTENT_DEPTH, requireStorable } from './storable.ts'
import { prosemirrorToDelta } from './to-delta.ts'
import { requireYjs13 } from './yjs-version.ts'

/**
 * Makes a new document from content in one of the formats. The caller destroys it.
 *
 * `json` without a root is an object of roots. The others fill one root: without a name `default`,
 * where TipTap looks, with an xml fragment. Plain text under any other name becomes a Y.Text, as
 * CodeMirror and Quill have it. `type` says otherwise.
 * @param losses collects the content that the document cannot hold
 * @throws {RequestError} `invalid_content`, saying what is wrong with it
 */
export function readContent(
  format: Format,
  data: string | Uint8Array,
  choice: ReadChoice = {},
  losses: Losses = new Losses(),
): Y.Doc {
  requireImportable(format)
  const doc = new Y.Doc({ gc: format !== 'update' && format !== 'update-v2' })
  try {
    doc.transact(() => readInto(doc, format, data, choice, losses))
    requireWhole(doc)
    requireStorable(doc)
    return doc
  } catch (error) {
    doc.destroy()
    if (error instanceof RequestError) throw error
    throw new RequestError('invalid_content', `not ${format}: ${problemOf(error)}`, {
      cause: error,
    })
  }
}

/** Readers are recursive: content that is far too deep ends them before its depth is known. */
function problemOf(error: unknown): string {
  const { message } = error as Error
  return error instanceof RangeError && /call stack/.test(message)
    ? `the content is nested more than ${MAX_CONTENT_DEPTH} levels deep`
    : message
}

function readInto(
  doc: Y.Doc,
  format: Format,
  data: string | Uint8Array,
  choice: ReadChoice,
  losses: Losses,
): void {
  if (format === 'update' || format === 'update-v2') {
    if (typeof data === 'string') {
      throw new RequestError('invalid_content', `${format} is bytes, not text`)
    }
    readUpdate(doc, format, data)
    return
  }
  const text = typeof data === 'string' ? data : decodeText(data)
  const { root = DEFAULT_ROOT } = choice
  const { type = format === 'text' && root !== DEFAULT_ROOT ? 'text' : 'xml' } = choice
  if (format === 'json') jsonToDocument(doc, parseJson(text), choice, losses)
  else if (format === 'text' && type === 'text') {
    openRoot(doc, root, type).insert(0, withLineEnds(text, choice))
  } else if (type === 'xml') {
    prosemirrorToFragment(readRich(format, text, losses), openRoot(doc, root, type), losses)
  } else if (type === 'text') {
    const delta = prosemirrorToDelta(readRich(format, text, losses), losses)
    openRoot(doc, root, type).applyDelta(
      delta.map(({ insert, ...op }) => ({
        ...op,
        insert: typeof insert === 'string' ? withLineEnds(insert, choice) : insert,
      })),
    )
  } else {
    throw new RequestError('invalid_content', `${format} fills a text or xml, not a ${type}`)
  }
}

const withLineEnds = (text: string, { lineEnds = 'lf' }: ReadChoice): string =>
  lineEnds === 'keep' ? text : text.replace(/\r\n?/g, '\n')

function readRich(format: Format, text: string, losses: Losses): PmNode {
  if (format === 'html') return htmlToProsemirror(text, losses)
  if (format === 'markdown') return markdownToProsemirror(text, losses)
  return format === 'text' ? textToProsemirror(text) : requireNode(parseJson(text))
}

function readUpdate(doc: Y.Doc, format: 'update' | 'update-v2', data: Uint8Array): void {
  // Stricter than Yjs: bytes left over, or read beyond the end, are no update.
  if (format === 'update') {
    requireYjs13(decodeUpdate(data))
    Y.applyUpdate(doc, data)
  } else {
    requireYjs13(decodeSnapshot(data))
    Y.applyUpdateV2(doc, data)
  }
}

/** An update that waits for others is only a part of a document. */
function requireWhole(doc: Y.Doc): void {
  if (doc.store.pendingStructs === null && doc.store.pendingDs === null) return
  const missing = [...(doc.store.pendingStructs?.missing ?? [])].map(
    ([client, clock]) => `${client}:${clock}`,
  )
  throw new RequestError(
    'invalid_content',
    `the update is not a whole document: it waits for ${missing.join(', ') || 'what it deletes'}`,
  )
}

function decodeText(data: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data)
  } catch (cause) {
    throw new RequestError('invalid_content', 'the text is not UTF-8', { cause })
  }
}
