import pLimit from 'p-limit'
import type pg from 'pg'
import { nextTurn } from '../node.ts'

/** The connections that are left to edits and presence. */
const LEFT = 2

/** The gated pool of each pool: all apps on a pool share its gate. */
const gated = new WeakMap<pg.Pool, pg.Pool>()
/** The pool behind each gated pool. */
const behind = new WeakMap<pg.Pool, pg.Pool>()

/** The pool behind a gated pool; for any other pool, the pool itself. */
export const ungated = (pool: pg.Pool): pg.Pool => behind.get(pool) ?? pool

/**
 * The same pool for everything but edits and presence: it uses all connections but two, and at least one. A request
 * for a further connection waits here. In the pool, which serves its queue in order, it would come before later
 * edits. An edit therefore waits for at most one statement on PGlite, and for none on Postgres, however many other
 * requests there are.
 */
export function behindEdits(pool: pg.Pool): pg.Pool {
  const known = gated.get(pool)
  if (known !== undefined) return known
  const made = makeGated(pool)
  gated.set(pool, made)
  behind.set(made, pool)
  return made
}

function makeGated(pool: pg.Pool): pg.Pool {
  const enter = gate(Math.max(1, (pool.options?.max ?? LEFT + 1) - LEFT))
  type Query = (...parameters: unknown[]) => Promise<unknown>
  const query: Query = async (...parameters) => {
    const leave = await enter()
    try {
      return await (pool.query as unknown as Query).apply(pool, parameters)
    } finally {
      leave()
    }
  }
  const connect = async (): Promise<pg.PoolClient> => {
    const leave = await enter()
    try {
      const client = await pool.connect()
      const release = client.release
      client.release = (error) => {
        leave()
        release.call(client, error)
      }
      return client
    } catch (error) {
      leave()
      throw error
    }
  }
  return new Proxy(pool, {
    get(_pool, key) {
      if (key === 'query') return query
      if (key === 'connect') return connect
      const value: unknown = Reflect.get(pool, key)
      return typeof value === 'function' ? value.bind(pool) : value
    },
  })
}

/**
 * Lets at most `places` callers in at once, in the order of arrival. Resolves with a function that lets the next
 * one in.
 */
function gate(places: number): () => Promise<() => void> {
  const limit = pLimit(places)
  return () =>
    new Promise((enter) => {
      void limit(
        () =>
          new Promise<void>((leave) => {
            // PGlite answers on this thread, so sockets and edits get a turn between two statements.
            enter(() => (limit.pendingCount > 0 ? void nextTurn().then(leave) : leave()))
          }),
      )
    })
}
