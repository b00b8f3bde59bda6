// The fuzzers' only access to the check that the server applies to each update before it stores the update.
import { ExamineError, examineUpdate, isEmptyUpdate } from 'y-electric/protocol'

export interface Judgement {
  /** The row that the server stores; null if it refuses the update. */
  readonly row: Uint8Array | null
  /** The error code of the refusal. */
  readonly code: string
}

const refused = (code: string): Judgement => ({ row: null, code })

/** Checks an update as `POST updates` does. It throws only if the check itself has a defect. */
export function judge(bytes: Uint8Array): Judgement {
  if (bytes.byteLength === 0) return refused('empty_update')
  try {
    const { decoded, update } = examineUpdate(bytes)
    return isEmptyUpdate(decoded) ? refused('empty_update') : { row: update, code: 'accepted' }
  } catch (error) {
    if (error instanceof ExamineError) return refused(error.code)
    throw error
  }
}
