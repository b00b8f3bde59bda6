import { vi } from 'vitest'
import { isDeep } from '../harness/deep.ts'

/**
 * How long `eventually` waits, in milliseconds. It only limits conditions that never become true. A
 * deep run keeps every processor busy for an hour, and work of 0.5 s can then take more than 10 s. Machines of
 * continuous integration differ by a factor of five.
 */
const PATIENCE_MS = isDeep ? 120_000 : 60_000

/**
 * Waits until `check` no longer throws. If that takes too long, throws what `check` threw last. A check that
 * returns false counts as not yet true.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  timeout = PATIENCE_MS,
  interval = 10,
): Promise<T> {
  return vi.waitFor(
    async () => {
      const result = await check()
      if (result === false) throw new Error(`not true in time: ${check.toString()}`)
      return result
    },
    { timeout, interval },
  )
}
