import { DEFAULT_LIMITS, RequestError } from '@y-electric/server'
import {
  type ExaminedUpdate,
  ExamineError,
  examineUpdate,
  guardMapEntries,
  integrateWithin,
  judgeUpdateV2,
  TooMuchError,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import { type ContentBounds, decodingLimitsOf, refusalOfContent } from './bounds.ts'
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
import { MAX_CONTENT_DEPTH, requireStorable, requireStorableUpdate } from './storable.ts'
import { prosemirrorToDelta } from './to-delta.ts'

/**
 * Creates a new document from content in one of the formats. The caller destroys it.
 *
 * `json` without a root is an object of roots. The other formats fill one root. Without a name, this is `default`,
 * the root that TipTap uses, as an xml fragment. Plain text under any other name becomes a Y.Text, as CodeMirror
 * and Quill use it. `type` overrides this.
 * @param losses collects the content that the document cannot hold
 * @throws {RequestError} `invalid_content`, naming the problem
 */
export function readContent(
  format: Format,
  data: string | Uint8Array,
  choice: ReadChoice = {},
  losses: Losses = new Losses(),
  bounds: ContentBounds = DEFAULT_LIMITS,
): Y.Doc {
  requireImportable(format)
  const doc = new Y.Doc({ guid: 'content', gc: format !== 'update' && format !== 'update-v2' })
  guardMapEntries(doc)
  try {
    doc.transact(() => readInto(doc, format, data, choice, losses, bounds))
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

/** Readers are recursive: content that is far too deep makes them fail before its depth is known. */
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
  bounds: ContentBounds,
): void {
  if (format === 'update' || format === 'update-v2') {
    if (typeof data === 'string') {
      throw new RequestError('invalid_content', `${format} must be bytes, not text`)
    }
    readUpdate(doc, format, data, bounds)
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
    throw new RequestError(
      'invalid_content',
      `${format} can only fill a text or xml, not a ${type}`,
    )
  }
}

const withLineEnds = (text: string, { lineEnds = 'lf' }: ReadChoice): string =>
  lineEnds === 'keep' ? text : text.replace(/\r\n?/g, '\n')

function readRich(format: Format, text: string, losses: Losses): PmNode {
  if (format === 'html') return htmlToProsemirror(text, losses)
  if (format === 'markdown') return markdownToProsemirror(text, losses)
  return format === 'text' ? textToProsemirror(text) : requireNode(parseJson(text))
}

function readUpdate(
  doc: Y.Doc,
  format: 'update' | 'update-v2',
  data: Uint8Array,
  bounds: ContentBounds,
): void {
  const { update, structs } = judgedUpdate(format, data, bounds)
  try {
    integrateWithin(structs, () => Y.applyUpdate(doc, update))
  } catch (error) {
    throw error instanceof TooMuchError ? refusalOfContent(error) : error
  }
}

/** The checked update as Yjs v1. Its effect on a document is checked when it is applied. */
export function judgedUpdate(
  format: 'update' | 'update-v2',
  data: Uint8Array,
  bounds: ContentBounds = DEFAULT_LIMITS,
): ExaminedUpdate {
  const limits = decodingLimitsOf(bounds)
  try {
    if (format === 'update-v2') requireStorableUpdate(judgeUpdateV2(data, limits).decoded)
    return examineUpdate(data, {
      ...limits,
      format: format === 'update' ? 'v1' : 'v2',
      integrates: false,
    })
  } catch (error) {
    if (error instanceof RequestError) throw error
    if (error instanceof ExamineError && error.code === 'unsupported_yjs') {
      throw new RequestError(error.code, error.message, { cause: error })
    }
    throw refusalOfContent(error instanceof ExamineError ? error.cause : error)
  }
}

/**
 * Refuses an update that waits for other edits, because it is only a part of a document.
 * @throws {RequestError} `invalid_content`
 */
export function requireWhole(doc: Y.Doc): void {
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
