/** Time and randomness, which the core takes as arguments; tests inject their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** A number in [0, 1). */
  random(): number
  /** A version 4 UUID. */
  uuid(): string
  /** Calls `task` after `ms`; the returned function cancels the call. */
  after(ms: number, task: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  uuid: randomId,
  after(ms, task) {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
}

/** A version 4 UUID. */
export function randomId(): string {
  return globalThis.crypto?.randomUUID?.() ?? uuidFrom(() => Math.random())
}

/**
 * For pages without `crypto.randomUUID` (plain HTTP, React Native). The ids must be unique, but
 * need not be secret.
 */
function uuidFrom(random: () => number): string {
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) => {
    const nibble = Math.floor(random() * 16)
    return (place === 'x' ? nibble : (nibble & 3) | 8).toString(16)
  })
}
