import type { State } from '../protocol/state-frames.ts'
import { TooMuchError } from '../protocol/strict-decoders.ts'
import { countStructs, countStructsV1 } from '../protocol/update-decoding.ts'

/** A struct and a range of deletes take two bytes of Yjs v1 at least. */
const BYTES_PER_STRUCT_V1 = 2

/**
 * True if state holds more structs than `maxStructs`. It is counted before state is applied: that happens in
 * one transaction, which cannot be stopped, and bytes do not tell what they hold.
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
    // Bytes that cannot be read are met again, and reported, when they are applied.
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
