import type { PGlite } from '@electric-sql/pglite'
import { PglitePgConnection } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'

/** A connection that reports when all its requests are answered and it has ended. */
class EndingConnection extends PglitePgConnection {
  readonly ended: Promise<void>
  #resolve: () => void = () => {}

  constructor(pglite: PGlite) {
    super({ pglite })
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  override end(): void {
    // This removes all listeners. A request made before may still fail, and must not end the
    // process.
    super.end()
    this.on('error', () => {})
    this.once('end', this.#resolve)
  }
}

/**
 * The client of a pool over PGlite. PGlite has one session, and its adapter shares one connection
 * among all clients. A pool ends its client when a statement fails, but before the response is
 * complete: the next client would take the rest of it for its own response. So each client has its
 * own connection, which begins when the previous one has ended.
 */
export function pgliteClient(pglite: PGlite, exec: PGlite['execProtocolStream']): typeof pg.Client {
  let before: Promise<void> = pglite.waitReady
  // All clients share one session, so a statement that one client prepares is prepared for all.
  const [parsedStatements, submittedNamedStatements] = [{}, {}]

  return class PgliteClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      const facade = {
        waitReady: before,
        execProtocolStream: exec,
      } as PGlite
      const connection = new EndingConnection(facade)
      Object.assign(connection, { parsedStatements, submittedNamedStatements })
      before = connection.ended
      super({ ...config, connection } as pg.ClientConfig)
    }
  }
}
