import { vi } from 'vitest'

/**
 * Waits until `check` no longer throws, and says what it last threw when that takes too long. Checks
 * that answer false are taken for not yet true.
 */
export async function eventually<T>(check: () => T | Promise<T>, timeout = 20_000): Promise<T> {
  return vi.waitFor(
    async () => {
      const result = await check()
      if (result === false) throw new Error(`not true in time: ${check.toString()}`)
      return result
    },
    { timeout, interval: 10 },
  )
}
