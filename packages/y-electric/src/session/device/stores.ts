/** The stores of this package, with the code that a session needs for them. */

import type { Persistence } from '../../persistence/device-store.ts'
import { type IndexedDbOptions, openIndexedDb } from '../../persistence/indexeddb.ts'
import { openMemory } from '../../persistence/memory.ts'
import { bringing } from './brought.ts'
import { deviceCode } from './device.ts'

/**
 * Keeps documents in the browser: they appear before the network answers, and edits made offline
 * survive a reload and a crash. One database for each document.
 */
export function indexeddb(options: IndexedDbOptions = {}): Persistence {
  return bringing(openIndexedDb(options), deviceCode)
}

/**
 * Keeps documents in memory for as long as the returned object lives: for tests, and for apps whose
 * pages come and go within one process.
 */
export function memory(): Persistence {
  return bringing(openMemory(), deviceCode)
}
