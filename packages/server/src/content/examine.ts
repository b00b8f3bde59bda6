import { ExamineError, examineUpdate, isEmptyUpdate } from 'y-electric/protocol'
import { RequestError } from '../errors.ts'

/** An update that may be a row. */
export interface ExaminedRow {
  /** The bytes to store, Yjs v1. */
  readonly update: Uint8Array
  readonly structs: number
}

/**
 * Checks an update (Yjs v1) before it is stored as a row.
 * @throws {RequestError} `invalid_update`, `unsupported_yjs`, `update_too_complex`, `empty_update`
 */
export function examineRow(bytes: Uint8Array, maxStructs: number): ExaminedRow {
  if (bytes.byteLength === 0) throw emptyUpdate()
  try {
    const { decoded, update, structs } = examineUpdate(bytes, { maxStructs })
    if (isEmptyUpdate(decoded)) throw emptyUpdate()
    return { update, structs }
  } catch (error) {
    if (!(error instanceof ExamineError)) throw error
    throw new RequestError(error.code, error.message, { cause: error })
  }
}

const emptyUpdate = (): RequestError =>
  new RequestError('empty_update', 'the update neither inserts nor deletes anything')
