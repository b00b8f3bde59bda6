// The one place where the fuzzers meet the judge of updates: what the server asks of an update before it
// stores it.
import { ExamineError, examineUpdate, isEmptyUpdate } from 'y-electric/protocol'

export interface Judgement {
  /** The row that is stored; null when the update is refused. */
  readonly row: Uint8Array | null
  /** Why it is refused. */
  readonly code: string
}

const refused = (code: string): Judgement => ({ row: null, code })

/** Judges an update as `POST updates` does. It never throws, unless the judge is broken. */
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
