import type pg from 'pg'

/** Which statements of a pool are told. */
export interface WatchOptions {
  /** Also those of clients that are taken from the pool, which is where transactions run. Default: false. */
  readonly clients?: boolean
}

/** The same pool, which tells the text of each statement before it runs. */
export function watchPool(
  pool: pg.Pool,
  onStatement: (text: string) => void,
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
  onStatement: (text: string) => void,
  replace: (key: PropertyKey, method: Method) => Method = (_key, method) => method,
): T {
  return new Proxy(target, {
    get(_target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      const method: Method = value.bind(target)
      if (key !== 'query') return replace(key, method)
      return (...args: unknown[]) => {
        onStatement(textOf(args[0]))
        return method(...args)
      }
    },
  })
}

const textOf = (statement: unknown): string =>
  typeof statement === 'string' ? statement : String((statement as { text?: unknown }).text)
