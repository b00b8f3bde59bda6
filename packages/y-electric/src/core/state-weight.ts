import type { State } from '../protocol/state-frames.ts'
import { TooMuchError } from '../protocol/strict-decoders.ts'
import { countStructs, countStructsV1 } from '../protocol/update-decoding.ts'

/** A struct or a delete range takes at least two bytes in Yjs v1. */
const BYTES_PER_STRUCT_V1 = 2

/**
 * True if state holds more structs than `maxStructs`. They are counted before state is applied:
 * applying is one transaction, which cannot be stopped, and the number of bytes does not show the
 * number of structs.
 */
export function isTooHeavy({ snapshot, rows }: State, maxStructs: number): boolean {
  try {
    const inSnapshot = snapshot?.data ? countStructs(snapshot.data, { maxStructs }) : 0
    let left = maxStructs - inSnapshot
    const bytes = rows.reduce((sum, { data }) => sum + data.byteLength, 0)
    if (bytes / BYTES_PER_STRUCT_V1 <= left) return false
    for (const { data } of rows) left -= structsOfRow(data, left)
    return left < 0
  } catch (error) {
    // Unreadable bytes are reported when they are applied.
    return error instanceof TooMuchError
  }
}

function structsOfRow(data: Uint8Array, maxStructs: number): number {
  try {
    return countStructsV1(data, { maxStructs })
  } catch (error) {
    if (error instanceof TooMuchError) throw error
    return 0
  }
}
