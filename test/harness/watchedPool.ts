import type pg from 'pg'

/** Selects the statements of a pool that are reported. */
export interface WatchOptions {
  /**
   * Also report statements of clients that are taken from the pool, which run transactions. Default: false.
   */
  readonly clients?: boolean
}

/** Called before a statement runs. `name` is the name of a prepared statement. */
type OnStatement = (text: string, name: string | null) => void

/** Wraps a pool so that it reports each statement before it runs. */
export function watchPool(
  pool: pg.Pool,
  onStatement: OnStatement,
  { clients = false }: WatchOptions = {},
): pg.Pool {
  return watched(pool, onStatement, (key, value) => {
    if (key !== 'connect' || !clients) return value
    return async () => watched((await value()) as pg.PoolClient, onStatement)
  })
}

type Method = (...args: unknown[]) => unknown

function watched<T extends object>(
  target: T,
  onStatement: OnStatement,
  replace: (key: PropertyKey, method: Method) => Method = (_key, method) => method,
): T {
  return new Proxy(target, {
    get(_target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      const method: Method = value.bind(target)
      if (key !== 'query') return replace(key, method)
      return (...args: unknown[]) => {
        onStatement(...textAndName(args[0]))
        return method(...args)
      }
    },
  })
}

function textAndName(statement: unknown): [text: string, name: string | null] {
  if (typeof statement === 'string') return [statement, null]
  const { text, name } = statement as { readonly text?: unknown; readonly name?: unknown }
  return [String(text), typeof name === 'string' ? name : null]
}
