import { ApiError, fetchUpdates } from './api.ts'
import { pause } from './pause.ts'
import { type Asking, oneAtATime } from './timing.ts'

/** How long after a change the times are read, in milliseconds, so that a burst of rows is read together. */
const PAUSE_MS = 150

interface RowTimesOptions {
  readonly docId: string
  /** The smallest seq of a row whose time is not known; null if all are. */
  readonly firstUnknown: () => number | null
  readonly onTimes: (times: ReadonlyMap<number, number>) => void
}

/**
 * Reads when rows were stored, each time it is asked to. The shape of a segment has no times, so another route tells
 * them. A row with a smaller seq may be stored later, so it reads from the first row without a time.
 */
export function readTimes({ docId, firstUnknown, onTimes }: RowTimesOptions): Asking {
  return oneAtATime(async (signal) => {
    await pause(PAUSE_MS, signal)
    const first = firstUnknown()
    let after = first === null ? null : first - 1
    while (after !== null && !signal.aborted) {
      try {
        const { updates, next } = await fetchUpdates(docId, { after, signal })
        if (signal.aborted) return
        onTimes(new Map(updates.map(({ seq, storedAt }) => [seq, Date.parse(storedAt)])))
        after = next
      } catch (error) {
        // The next row asks again. Until then, rows show when they arrived here.
        if (signal.aborted || error instanceof ApiError) return
        throw error
      }
    }
  })
}
