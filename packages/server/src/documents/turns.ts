import type pg from 'pg'

/** How many are at work, and who waits. */
interface Turns {
  running: number
  readonly waiting: (() => void)[]
}

const turnsByPool = new WeakMap<pg.Pool, Turns>()

/**
 * Does `work` when fewer than `atOnce` others of the same pool are at work, first come first served:
 * whatever is asked for at once, only so many documents are in memory.
 */
export async function inTurn<T>(pool: pg.Pool, atOnce: number, work: () => Promise<T>): Promise<T> {
  const turns = turnsByPool.get(pool) ?? { running: 0, waiting: [] }
  turnsByPool.set(pool, turns)
  if (turns.running >= atOnce) await new Promise<void>((resolve) => turns.waiting.push(resolve))
  else turns.running++
  try {
    return await work()
  } finally {
    // The turn goes to the next in line, so that nobody can come in between.
    const next = turns.waiting.shift()
    if (next === undefined) turns.running--
    else next()
  }
}
