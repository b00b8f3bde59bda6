import type { EventEmitter } from 'node:events'
import type pg from 'pg'

/** As much of a connection of `pg` as is needed here; its types do not show it. */
interface WithStream {
  readonly connection?: {
    readonly stream?: EventEmitter & { destroy(error?: Error): unknown }
  }
}

type Listener = (...args: unknown[]) => void

/**
 * `pg` parses answers inside a listener of its socket. What the parser throws there (one value that is
 * longer than the longest string, say) belongs to no query and would end the process. From now on it
 * breaks this connection, and the query that runs on it fails with the error.
 */
export function guardParser(client: pg.ClientBase): void {
  const stream = (client as unknown as WithStream).connection?.stream
  if (typeof stream?.destroy !== 'function' || typeof stream.listeners !== 'function') return
  for (const parse of stream.listeners('data') as Listener[]) {
    stream.off('data', parse)
    stream.on('data', (...args: unknown[]) => {
      try {
        parse.apply(stream, args)
      } catch (error) {
        stream.destroy(error as Error)
      }
    })
  }
}
