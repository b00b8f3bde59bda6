import { TooMuchError } from './strict-decoders.ts'

/** How many steps integrating may take in any case, and how many more for each struct. */
const STEPS = 500_000
const STEPS_PER_STRUCT = 50

/** Up to this many structs, steps are not counted: they take less time than the counting. */
const UNCOUNTED_STRUCTS = 500

/**
 * Integrates an update, and stops when that takes far more steps than a normal update with as many
 * structs.
 *
 * Yjs finds the place of an item by comparing it with every item that was concurrently inserted at
 * the same place. An update of 35 KB can make that take 5 seconds, at every read of the document. A
 * time limit would depend on the machine; Yjs puts each item that it compares into a Set, so those
 * calls are counted. Nothing else runs meanwhile.
 * @throws {TooMuchError} and whatever `integrate` throws
 */
export function integrateWithin(structs: number, integrate: () => void): void {
  if (structs <= UNCOUNTED_STRUCTS) {
    integrate()
    return
  }
  const { add } = Set.prototype
  let steps = STEPS + STEPS_PER_STRUCT * structs
  Set.prototype.add = function (value: unknown) {
    if (--steps < 0) throw new TooMuchError('its structs take too many steps to put in order')
    return add.call(this, value)
  }
  try {
    integrate()
  } finally {
    Set.prototype.add = add
  }
}
