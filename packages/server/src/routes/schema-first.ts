import type { MiddlewareHandler } from 'hono'
import type pg from 'pg'
import { migrate } from '../store/index.ts'

/**
 * Lets no request pass until the schema is up to date. The first request begins the migration, and those that arrive
 * meanwhile wait for the same one. After a failure the next request tries again.
 */
export function schemaFirst(pool: pg.Pool): MiddlewareHandler {
  let migration: Promise<unknown> | null = null
  const forget = (error: unknown): never => {
    migration = null
    throw error
  }
  return async (_, next) => {
    migration ??= migrate(pool).catch(forget)
    await migration
    await next()
  }
}
