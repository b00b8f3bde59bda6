import type pg from 'pg'

/** One small interface over both kinds of Postgres. */
export interface Database {
  readonly kind: 'pglite' | 'postgres'
  readonly pool: pg.Pool
  /**
   * LISTEN. The listener receives payloads in commit order, those of one transaction together.
   * `onWhole` is called when every transaction delivered so far is complete: Postgres does not mark
   * the end of a transaction, and a large one may arrive in pieces.
   * `onLost` is called once if the listening connection is lost (native Postgres only).
   * Resolves to an unlisten function once listening.
   */
  listen(
    channel: string,
    onPayload: (payload: string) => void,
    onLost: (error: Error) => void,
    onWhole?: () => void,
  ): Promise<() => Promise<void>>
  /** False if the disk has no room for a write of `bytes`. Absent if the disk is not known. */
  readonly hasRoom?: (bytes: number) => boolean
  /** Resolves if the database has stopped and cannot be used again in this process. */
  readonly stopped?: Promise<Error>
  close(): Promise<void>
}
