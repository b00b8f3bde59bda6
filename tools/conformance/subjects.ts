// The services against which a transcript can be replayed.
import { createShapeService, type Database, type ShapeService } from '@y-electric/embedded'
import pg from 'pg'
import type { Subject } from './replay.ts'

/** The embedded shape service over a database. */
export function embeddedSubject(service: ShapeService, database: Database): Subject {
  return { fetch: service.fetch, sql: (statements) => runAll(database.pool, statements) }
}

export async function openEmbeddedSubject(
  database: Database,
): Promise<Subject & { close(): Promise<void> }> {
  const service = await createShapeService({ database, cors: '*' })
  return { ...embeddedSubject(service, database), close: () => service.close() }
}

/** A real Electric, or any other server at `electricUrl`, over the same database. */
export function remoteSubject(
  electricUrl: string,
  databaseUrl: string,
  secret?: string,
): Subject & { version(): Promise<string>; close(): Promise<void> } {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
  return {
    fetch: async (request) => {
      const { pathname, searchParams } = new URL(request.url)
      const url = new URL(electricUrl)
      url.pathname = `${url.pathname.replace(/\/$/, '').replace(/\/v1\/shape$/, '')}${pathname}`
      for (const [name, value] of searchParams) url.searchParams.append(name, value)
      if (secret !== undefined) url.searchParams.set('secret', secret)
      const { method, headers, signal } = request
      const body = method === 'POST' ? await request.text() : null
      return fetch(url, { method, headers, signal, body })
    },
    sql: (statements) => runAll(pool, statements),
    /** The version that Electric reports; for other servers, their address. */
    version: async () => {
      const response = await fetch(new URL('v1/health', `${electricUrl.replace(/\/+$/, '')}/`))
      await response.body?.cancel()
      return (
        response.headers.get('electric-server') ?? response.headers.get('server') ?? electricUrl
      )
    },
    close: () => pool.end(),
  }
}

async function runAll(pool: pg.Pool, statements: readonly string[]): Promise<void> {
  const client = await pool.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    client.release()
  }
}
