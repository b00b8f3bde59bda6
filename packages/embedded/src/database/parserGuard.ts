import type { EventEmitter } from 'node:events'
import type pg from 'pg'

/** The part of a `pg` connection used here; its types do not show it. */
interface WithStream {
  readonly connection?: {
    readonly stream?: EventEmitter & { destroy(error?: Error): unknown }
  }
}

type Listener = (...args: unknown[]) => void

/**
 * `pg` parses responses inside a listener of its socket. An error thrown by the parser there (for
 * example for a value longer than the longest string) belongs to no query and would end the
 * process. This function makes such an error break the connection, so that the running query fails
 * with it.
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
