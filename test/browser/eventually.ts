// Waits until a check of a page succeeds.
import { eventually as lookAgain } from '../e2e/eventually.ts'

/**
 * Each check of a page keeps four processes busy: the test, Playwright's server, the browser and
 * the page.
 */
const LOOK_MS = 100

/** Like the function of the same name for other tests, with fewer checks. */
export const eventually = <T>(check: () => T | Promise<T>, timeout?: number): Promise<T> =>
  lookAgain(check, timeout, LOOK_MS)
