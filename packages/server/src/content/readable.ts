import { UnreadableSnapshotError } from 'y-electric/protocol'
import { RequestError } from '../errors.ts'

/**
 * Runs a function that reads stored snapshot rows.
 * @throws {RequestError} `corrupt`, if one of them cannot be read
 */
export function readingSnapshots<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof UnreadableSnapshotError)) throw error
    throw new RequestError(
      'corrupt',
      `a snapshot row cannot be read (${error.message}): run verify`,
      { cause: error },
    )
  }
}
