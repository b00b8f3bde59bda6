import type pg from 'pg'

/** One small interface over both kinds of Postgres. */
export interface Database {
  readonly kind: 'pglite' | 'postgres'
  readonly pool: pg.Pool
  /**
   * LISTEN: the listener gets payloads in commit order, one transaction's together.
   * `onWhole` is called when every transaction delivered so far is complete: Postgres marks no
   * end of a transaction, and a big one may arrive in pieces.
   * `onLost` is called once if the listening connection is lost (native only).
   * Resolves, once listening, to an unlisten function.
   */
  listen(
    channel: string,
    onPayload: (payload: string) => void,
    onLost: (error: Error) => void,
    onWhole?: () => void,
  ): Promise<() => Promise<void>>
  /** False if the disk has no room for a write of so many bytes. Only where the disk is known. */
  readonly hasRoom?: (bytes: number) => boolean
  /** Resolves if the database has stopped and cannot be used again in this process. */
  readonly stopped?: Promise<Error>
  close(): Promise<void>
}
