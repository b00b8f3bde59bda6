import * as buffer from 'lib0/buffer'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { digest } from 'lib0/hash/sha256'
import type { ResumePoint } from '../core/connection.ts'
import type { Counts, LogRecord } from '../core/stored-log.ts'

/** One commit as it is stored: its log record, and its Yjs v1 updates. */
export interface StoredRecord extends LogRecord {
  readonly updates: readonly Uint8Array[]
}

/** One edit of the outbox as it is stored. */
export interface StoredEdit {
  /** The name of the edit in the log: its batch, and its number within the batch. */
  readonly name: string
  /** The page and the number of the record of the same commit, which holds the edit as content. */
  readonly page: string
  readonly number: number
  readonly update: Uint8Array
  readonly madeAt: number | null
}

/** A resume point, and the records that must be present for it to be valid. */
export interface StoredPoint {
  readonly point: ResumePoint
  readonly records: Counts
}

/** No Yjs update begins with these bytes, so that updates stored without a frame can be recognized. */
const MAGIC = [0xff, 0xff, 0xff, 0x79]
const KINDS = { record: 1, edit: 2, point: 3 } as const
type Kind = keyof typeof KINDS

/** The bytes of SHA-256 that a frame keeps: enough to detect accidental damage. */
const DIGEST_BYTES = 8
const BODY_AT = MAGIC.length + 1 + DIGEST_BYTES

/**
 * Frames are `magic · kind · digest of kind and body · body`, so that truncated, changed or swapped bytes
 * are detected before they are used.
 */
export function encodeRecord({ page, number, covers, edits, settled, updates }: StoredRecord) {
  return frame('record', (encoder) => {
    encoding.writeVarString(encoder, page)
    encoding.writeVarUint(encoder, number)
    writeCounts(encoder, covers)
    writeList(encoder, edits, encoding.writeVarString)
    writeList(encoder, settled, encoding.writeVarString)
    writeList(encoder, updates, encoding.writeVarUint8Array)
  })
}

/** Null if the bytes are not exactly one whole record. */
export function decodeRecord(bytes: Uint8Array): StoredRecord | null {
  return unframe('record', bytes, (decoder) => ({
    page: decoding.readVarString(decoder),
    number: decoding.readVarUint(decoder),
    covers: readCounts(decoder),
    edits: readList(decoder, decoding.readVarString),
    settled: readList(decoder, decoding.readVarString),
    updates: readList(decoder, decoding.readVarUint8Array),
  }))
}

export function encodeEdit({ name, page, number, update, madeAt }: StoredEdit): Uint8Array {
  return frame('edit', (encoder) => {
    encoding.writeVarString(encoder, name)
    encoding.writeVarString(encoder, page)
    encoding.writeVarUint(encoder, number)
    encoding.writeAny(encoder, madeAt)
    encoding.writeVarUint8Array(encoder, update)
  })
}

/** Null if the bytes are not exactly one whole edit. */
export function decodeEdit(bytes: Uint8Array): StoredEdit | null {
  return unframe('edit', bytes, (decoder) => ({
    name: decoding.readVarString(decoder),
    page: decoding.readVarString(decoder),
    number: decoding.readVarUint(decoder),
    madeAt: decoding.readAny(decoder),
    update: decoding.readVarUint8Array(decoder),
  }))
}

/** The point as text, so that a store of JSON values can keep it. */
export function encodePoint({ point, records }: StoredPoint): string {
  const bytes = frame('point', (encoder) => {
    const { segment, position, newest = null } = point
    const { offset = null, handle = null } = position ?? {}
    encoding.writeAny(encoder, [segment, offset, handle, newest])
    writeCounts(encoder, records)
  })
  return buffer.toBase64(bytes)
}

/** Null if the text is not exactly one whole point. */
export function decodePoint(text: string): StoredPoint | null {
  let bytes: Uint8Array
  try {
    bytes = buffer.fromBase64(text)
  } catch {
    return null
  }
  return unframe('point', bytes, (decoder) => {
    // Earlier versions wrote no `newest`.
    const [segment, offset, handle, newest = null] = decoding.readAny(decoder)
    const position = offset === null ? null : { offset, handle }
    const point = { segment, position, ...(newest !== null && { newest }) }
    return { point, records: readCounts(decoder) }
  })
}

/** True if the bytes begin like a frame, whether it is whole or not. */
export const isFramed = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte)

function frame(kind: Kind, write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder()
  write(encoder)
  const body = encoding.toUint8Array(encoder)
  const bytes = new Uint8Array(BODY_AT + body.byteLength)
  bytes.set(MAGIC)
  bytes[MAGIC.length] = KINDS[kind]
  bytes.set(body, BODY_AT)
  bytes.set(digestOf(kind, body), MAGIC.length + 1)
  return bytes
}

function unframe<T>(
  kind: Kind,
  bytes: Uint8Array,
  read: (decoder: decoding.Decoder) => T,
): T | null {
  if (!isFramed(bytes) || bytes[MAGIC.length] !== KINDS[kind]) return null
  const body = bytes.subarray(BODY_AT)
  const kept = bytes.subarray(MAGIC.length + 1, BODY_AT)
  if (digestOf(kind, body).some((byte, i) => byte !== kept[i])) return null
  // The digest proves that the body is exactly as it was written, so reading it cannot fail.
  return read(decoding.createDecoder(body))
}

function digestOf(kind: Kind, body: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + body.byteLength)
  input[0] = KINDS[kind]
  input.set(body, 1)
  return digest(input).subarray(0, DIGEST_BYTES)
}

function writeList<T>(
  encoder: encoding.Encoder,
  list: readonly T[],
  write: (encoder: encoding.Encoder, one: T) => void,
): void {
  encoding.writeVarUint(encoder, list.length)
  for (const one of list) write(encoder, one)
}

function readList<T>(decoder: decoding.Decoder, read: (decoder: decoding.Decoder) => T): T[] {
  return Array.from({ length: decoding.readVarUint(decoder) }, () => read(decoder))
}

const writeCounts = (encoder: encoding.Encoder, counts: Counts): void =>
  writeList(encoder, [...counts], (_, [page, number]) => {
    encoding.writeVarString(encoder, page)
    encoding.writeVarUint(encoder, number)
  })

const readCounts = (decoder: decoding.Decoder): Counts =>
  new Map(readList(decoder, () => [decoding.readVarString(decoder), decoding.readVarUint(decoder)]))
