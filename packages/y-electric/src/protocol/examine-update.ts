import * as Y from 'yjs'
import type { ServerErrorCode } from './error-codes.ts'
import { MAX_UPDATE_STRUCTS } from './limits.ts'
import { guardMapEntries } from './map-entries.ts'
import { integrateWithin } from './steps.ts'
import { type DecodingLimits, TooMuchError } from './strict-decoders.ts'
import {
  type DecodedUpdate,
  isOfYjs14,
  type JudgedUpdate,
  judgeUpdate,
  judgeUpdateV2,
} from './update-decoding.ts'
import { encodeStructs } from './update-encoding.ts'
import { isIllFormed, wellFormed } from './values.ts'

/** Limits of an update that a client sends. */
export interface ExamineLimits extends Partial<DecodingLimits> {
  /** Yjs v1 (default), or v2. */
  readonly format?: 'v1' | 'v2'
  /** False where the caller integrates the update itself. Default: true. */
  readonly integrates?: boolean
}

/** An update that may be stored. */
export interface ExaminedUpdate extends JudgedUpdate {
  /**
   * The bytes to store, Yjs v1. They are the given ones, with three exceptions: a v2 update, an
   * embed or a format with half of a surrogate pair (the row then has U+FFFD, as in every text that
   * Yjs writes), and clients that are not in Yjs' order (`Y.mergeUpdates` would lose structs).
   */
  readonly update: Uint8Array
}

/** The reason why an update is refused. */
export type ExamineCode = Extract<
  ServerErrorCode,
  'invalid_update' | 'unsupported_yjs' | 'update_too_complex'
>

/** Thrown for an update that must not be stored. */
export class ExamineError extends Error {
  override readonly name = 'ExamineError'
  readonly code: ExamineCode

  constructor(code: ExamineCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/**
 * Checks the bytes of an update before they become a row. An accepted update decodes, has the same
 * meaning when it is encoded again in either format, and integrates in a scratch document; so does
 * the document that any accepted updates make together. An update that waits for missing edits is
 * accepted.
 *
 * Takes time in proportion to the structs, and about 100 ms more for a hostile update: keep
 * `maxStructs` small on an event loop, and check larger updates in a worker.
 * @throws {ExamineError} `invalid_update`, `unsupported_yjs`, `update_too_complex`
 */
export function examineUpdate(bytes: Uint8Array, limits: ExamineLimits = {}): ExaminedUpdate {
  const { format = 'v1', integrates = true } = limits
  const { maxStructs = MAX_UPDATE_STRUCTS, maxNameLength } = limits
  const decodingLimits = { maxStructs, ...(maxNameLength !== undefined && { maxNameLength }) }
  const v1 = format === 'v1' ? bytes : toV1(bytes, decodingLimits)
  const { decoded, structs } = judged(() => judgeUpdate(v1, decodingLimits))
  if (isOfYjs14(decoded)) {
    throw new ExamineError(
      'unsupported_yjs',
      'the update was written by Yjs 14 (@y/y): its client ids have more than 32 bits. Its text would not show. Use yjs 13',
    )
  }
  const isMended = mendTexts(decoded)
  const isRewritten = isMended || !isSorted(decoded)
  const update = isRewritten ? encodeStructs(decoded.structs, decoded.deletes) : v1
  if (integrates && !isTyping(decoded)) integrate(update, structs)
  return { decoded, structs, update }
}

/** Rows hold Yjs v1, in which embeds and formats are JSON: a value that JSON would change is refused. */
function toV1(bytes: Uint8Array, limits: DecodingLimits): Uint8Array {
  const { decoded } = judged(() => judgeUpdateV2(bytes, limits))
  judged(() => requireJsonContent(decoded))
  return judged(() => Y.convertUpdateFormatV2ToV1(bytes))
}

function requireJsonContent({ structs }: DecodedUpdate): void {
  for (const struct of structs) {
    if (!(struct instanceof Y.Item)) continue
    const { content } = struct
    if (content instanceof Y.ContentEmbed) requireSameInJson('an embed', content.embed)
    else if (content instanceof Y.ContentFormat) {
      requireSameInJson(`the format ${JSON.stringify(content.key)}`, content.value)
    }
  }
}

function requireSameInJson(what: string, value: unknown): void {
  let copy: unknown
  try {
    copy = JSON.parse(JSON.stringify(value))
  } catch {
    // A big integer, or no value at all.
  }
  if (copy === undefined || !isSameInJson(copy, value)) {
    throw new Error(`${what} holds a value that JSON cannot say`)
  }
}

/** True if a value and its JSON copy are equal. A property without a value is ignored. */
function isSameInJson(copy: unknown, value: unknown): boolean {
  if (Array.isArray(value)) {
    return Array.isArray(copy) && value.every((part, i) => isSameInJson(copy[i], part))
  }
  if (typeof value !== 'object' || value === null) return copy === value
  if (typeof copy !== 'object' || copy === null) return false
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  const parts: Readonly<Record<string, unknown>> = { ...copy }
  return Object.entries(value).every(([key, part]) => isSameInJson(parts[key], part))
}

function judged<T>(judge: () => T): T {
  try {
    return judge()
  } catch (cause) {
    const code = cause instanceof TooMuchError ? 'update_too_complex' : 'invalid_update'
    throw new ExamineError(code, (cause as Error).message, { cause })
  }
}

/** Whether the clients are in descending order of id, as Yjs writes them. */
const isSorted = ({ structs }: DecodedUpdate): boolean =>
  structs.every((struct, i) => {
    const before = structs[i - 1]
    return before === undefined || before.id.client >= struct.id.client
  })

/** Makes texts in embeds and formats well-formed. True if one was not. */
function mendTexts({ structs }: DecodedUpdate): boolean {
  let isMended = false
  for (const struct of structs) {
    if (!(struct instanceof Y.Item)) continue
    const { content } = struct
    if (content instanceof Y.ContentEmbed && isIllFormed(content.embed)) {
      content.embed = wellFormed(content.embed) as Y.ContentEmbed['embed']
      isMended = true
    } else if (content instanceof Y.ContentFormat && isIllFormed(content.value)) {
      content.value = wellFormed(content.value) as Y.ContentFormat['value']
      isMended = true
    }
  }
  return isMended
}

/** True for a keystroke: at most one run of text, or only deletes. Nothing in it can fail. */
function isTyping({ structs }: DecodedUpdate): boolean {
  const [only] = structs
  if (structs.length > 1) return false
  return only === undefined || (only instanceof Y.Item && only.content instanceof Y.ContentString)
}

/** The last check: Yjs itself applies the update and encodes the resulting document. */
function integrate(update: Uint8Array, structs: number): void {
  // A random guid would cost more than the rest of the document.
  const doc = new Y.Doc({ guid: 'examined' })
  guardMapEntries(doc)
  try {
    integrateWithin(structs, () => Y.applyUpdate(doc, update))
    Y.encodeStateAsUpdateV2(doc)
  } catch (cause) {
    const { message } = cause as Error
    if (cause instanceof TooMuchError) {
      throw new ExamineError('update_too_complex', `update: ${message}`, { cause })
    }
    throw new ExamineError('invalid_update', `update: Yjs cannot integrate it (${message})`, {
      cause,
    })
  } finally {
    doc.destroy()
  }
}
