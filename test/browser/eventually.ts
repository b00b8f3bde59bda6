// Waits for a page to become what it should be.
import { eventually as lookAgain } from '../e2e/eventually.ts'

/** Each look at a page keeps four processes busy: the test, Playwright's server, the browser and the page. */
const LOOK_MS = 100

/** As the function of the same name for the other tests, with fewer looks. */
export const eventually = <T>(check: () => T | Promise<T>, timeout?: number): Promise<T> =>
  lookAgain(check, timeout, LOOK_MS)
