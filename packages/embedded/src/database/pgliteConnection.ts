import type { PGlite } from '@electric-sql/pglite'
import { PglitePgConnection } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'

/** Says when all that it was asked is answered, and it has ended. */
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
    // This removes all listeners. What was asked before and fails now must not end the process.
    super.end()
    this.on('error', () => {})
    this.once('end', this.#resolve)
  }
}

/**
 * The client of a pool over PGlite. PGlite is one session, and its adapter gives all clients one
 * connection. But a pool ends its client when a statement fails, and is told so before the answer has
 * come to its end: the next client would take the rest for answers to its own. So each has a
 * connection to itself, and begins when the one before it has ended.
 */
export function pgliteClient(pglite: PGlite, exec: PGlite['execProtocolStream']): typeof pg.Client {
  let before: Promise<void> = pglite.waitReady
  // A statement that one client prepares is prepared for all: they share one session.
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
