import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { readSafeNumber } from './safe-number.ts'

/**
 * A compactor's proposal: this snapshot row replaces all segments up to and including
 * `throughSegment`.
 */
export interface FoldProposal {
  readonly throughSegment: number
  /** Yjs v2. */
  readonly data: Uint8Array
}

const FORMAT_VERSION = 1

/** Encodes a proposal: `version=1 · throughSegment · data`, data to the end. */
export function encodeFoldProposal({ throughSegment, data }: FoldProposal): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, FORMAT_VERSION)
  encoding.writeVarUint(encoder, throughSegment)
  encoding.writeUint8Array(encoder, data)
  return encoding.toUint8Array(encoder)
}

/**
 * Decodes the bytes of {@link encodeFoldProposal}. `data` is a view. @throws {Error} if the bytes
 * are not of that form
 */
export function decodeFoldProposal(bytes: Uint8Array): FoldProposal {
  const decoder = decoding.createDecoder(bytes)
  const version = readNumber(decoder, 'version')
  if (version !== FORMAT_VERSION) {
    throw new Error(`fold: format version ${version}, this server reads ${FORMAT_VERSION}`)
  }
  const throughSegment = readNumber(decoder, 'through')
  if (!decoding.hasContent(decoder)) throw new Error('fold: no snapshot bytes')
  return { throughSegment, data: decoding.readTailAsUint8Array(decoder) }
}

function readNumber(decoder: decoding.Decoder, what: string): number {
  try {
    return readSafeNumber(decoder)
  } catch {
    throw new Error(`fold: cut short or out of range while reading ${what}`)
  }
}
