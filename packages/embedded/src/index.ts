export { type Clock, systemClock } from './clock.ts'
export type { Database } from './database/database.ts'
export { MIN_FREE_BYTES } from './database/freeSpace.ts'
export { openPglite, type PgliteOptions } from './database/openPglite.ts'
export { connectPostgres, createPool, type PostgresOptions } from './database/postgres.ts'
export { EmbeddedError, type EmbeddedErrorCode } from './errors.ts'
export { logFailures } from './failureLog.ts'
export {
  createShapeService,
  DEFAULT_LIMITS,
  type ShapeService,
  type ShapeServiceOptions,
} from './service.ts'
