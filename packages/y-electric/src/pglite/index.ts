/** Keeps documents in a PGlite: a Postgres in the browser, whose tables the app can query. */
import type { Persistence } from '../persistence/device-store.ts'
import { openPglite, type PgliteDatabase, type PgliteOptions } from '../persistence/pglite.ts'
import { bringing } from '../session/device/brought.ts'
import { deviceCode } from '../session/device/device.ts'

export {
  DEFAULT_OPEN_WITHIN_MS,
  type PgliteDatabase,
  type PgliteOptions,
} from '../persistence/pglite.ts'
export {
  type ContentOf,
  type ContentOptions,
  DEFAULT_CONTENT_EVERY_MS,
  keepContent,
} from './content.ts'

/**
 * Keeps documents on the device, in one PGlite for the whole origin. In a browser give it a `PGliteWorker`: one tab
 * runs the database in its worker, for all tabs.
 *
 * ```ts
 * const database = PGliteWorker.create(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }))
 * new ElectricProvider({ url: '/api', docId: 'notes', doc, persistence: pglite(database) })
 * ```
 */
export function pglite(
  database: PgliteDatabase | Promise<PgliteDatabase>,
  options: PgliteOptions = {},
): Persistence {
  return bringing(openPglite(database, options), deviceCode)
}
