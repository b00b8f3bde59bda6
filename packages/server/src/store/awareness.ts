import type pg from 'pg'
import type { PresenceRow } from 'y-electric/protocol'
import { RequestError } from '../errors.ts'
import { DEFAULT_LIMITS, type Limits } from '../limits.ts'
import { nextTurn } from '../node.ts'
import { documentExists, unlessDeleted } from './deleted.ts'
import { PIECE_BYTES } from './pieces.ts'

/** The table and columns of the shape of a document's presence. */
export const AWARENESS_SHAPE = {
  table: 'ydoc_awareness',
  columns: 'doc_id,client_id,data',
  where: 'doc_id = $1',
} as const

/** The largest id of a Yjs client: 32 bits. */
export const MAX_CLIENT_ID = 2 ** 32 - 1

/** A presence row of this age is deleted: its client left without a `DELETE`. */
const STALE_AFTER = '5 minutes'

/** `synchronous_commit` is set for this statement only, which is a transaction of its own. */
const PUT = {
  name: 'ydoc_put_presence',
  text: `SELECT set_config('synchronous_commit',
                  CASE WHEN $8::boolean THEN current_setting('synchronous_commit') ELSE 'off' END, true),
                ydoc_put_presence($1, $2, $3, $4, $5, $6, $7) AS outcome`,
}

/** The client whose presence is written, and its user, if `authorize` returned one. */
export interface PresenceWriter {
  readonly docId: string
  readonly clientId: number
  readonly user: string | null
}

export type PresenceLimits = Pick<
  Limits,
  'presenceExpiryMs' | 'maxDocumentPresenceRows' | 'maxUserPresenceRows' | 'quotaRetryAfterSeconds'
>

/** A presence write. */
export interface PresenceWrite {
  readonly writer: PresenceWriter
  readonly data: Uint8Array
  /** False while all documents together have the maximum number of presence rows. */
  readonly hasRoom: boolean
}

/** The answer of `ydoc_put_presence`. */
export type PresenceOutcome = 'written' | 'arrived' | 'not_yours' | 'document_full' | 'user_full'

/**
 * Writes a client's presence over the previous one, in a statement of its own.
 * @param waitsForDisk false if a crash of the database may lose the row; presence is not history
 * @returns true if the client was not present before
 * @throws {RequestError} deleted, presence_not_yours, quota_exceeded
 */
export async function putPresence(
  pool: pg.Pool,
  write: PresenceWrite,
  limits: PresenceLimits,
  waitsForDisk: boolean,
): Promise<boolean> {
  const { writer, data, hasRoom } = write
  const { rows } = await unlessDeleted(
    pool.query<{ outcome: PresenceOutcome }>({
      ...PUT,
      values: [
        writer.docId,
        writer.clientId,
        Buffer.from(data.buffer, data.byteOffset, data.byteLength),
        writer.user,
        limits.presenceExpiryMs,
        hasRoom ? limits.maxDocumentPresenceRows : 0,
        limits.maxUserPresenceRows,
        waitsForDisk,
      ],
    }),
  )
  return readOutcome(rows[0]?.outcome ?? 'written', write, limits)
}

/** A document, a user, or all documents together have as many presence rows as allowed. */
export class PresenceFull extends RequestError {
  readonly whose: 'document' | 'user' | 'all'

  constructor(
    whose: PresenceFull['whose'],
    what: string,
    { quotaRetryAfterSeconds }: PresenceLimits,
  ) {
    super('quota_exceeded', `${what}, which is the limit: a client must leave first`, {
      retryAfterSeconds: quotaRetryAfterSeconds,
    })
    this.whose = whose
  }
}

/**
 * @returns true if the client was not present before
 * @throws {RequestError} presence_not_yours, quota_exceeded
 */
export function readOutcome(
  outcome: PresenceOutcome,
  { writer, hasRoom }: PresenceWrite,
  limits: PresenceLimits,
): boolean {
  switch (outcome) {
    case 'not_yours':
      throw notYours(writer.clientId, limits)
    case 'document_full':
      throw hasRoom
        ? new PresenceFull(
            'document',
            `this document has ${limits.maxDocumentPresenceRows} presence rows`,
            limits,
          )
        : new PresenceFull(
            'all',
            'all documents together have the most presence rows that are allowed',
            limits,
          )
    case 'user_full':
      throw new PresenceFull('user', `you have ${limits.maxUserPresenceRows} presence rows`, limits)
    default:
      return outcome === 'arrived'
  }
}

/**
 * Deletes the presence of a client that leaves. Succeeds if the row is already gone.
 * @throws {RequestError} presence_not_yours
 */
export async function deleteAwareness(
  pool: pg.Pool,
  { docId, clientId, user }: PresenceWriter,
  limits: PresenceLimits,
): Promise<void> {
  const { rows } = await pool.query<{ not_yours: boolean }>(
    `WITH gone AS (
       DELETE FROM ydoc_awareness
       WHERE doc_id = $1 AND client_id = $2
         AND (user_name IS NULL OR user_name = $3
              OR updated_at < now() - $4::float8 * interval '1 millisecond')
       RETURNING 1)
     SELECT NOT EXISTS (SELECT FROM gone)
        AND EXISTS (SELECT FROM ydoc_awareness WHERE doc_id = $1 AND client_id = $2) AS not_yours`,
    [docId, clientId, user, limits.presenceExpiryMs],
  )
  if (rows[0]?.not_yours) throw notYours(clientId, limits)
}

const notYours = (clientId: number, { presenceExpiryMs }: PresenceLimits): RequestError =>
  new RequestError(
    'presence_not_yours',
    `the presence of client ${clientId} belongs to another user: use another client id, or wait until it expires`,
    { retryAfterSeconds: Math.ceil(presenceExpiryMs / 1_000) },
  )

/** Deletes the presence rows of a document that are older than {@link STALE_AFTER}. */
export async function clearStale(pool: pg.Pool, docId: string): Promise<void> {
  await pool.query(
    `DELETE FROM ydoc_awareness WHERE doc_id = $1 AND updated_at < now() - interval '${STALE_AFTER}'`,
    [docId],
  )
}

/** The client ids of all presence rows of a document, expired ones too. */
export async function clientsIn(pool: pg.Pool, docId: string): Promise<Set<number>> {
  const { rows } = await pool.query<{ client_id: string }>(
    'SELECT client_id FROM ydoc_awareness WHERE doc_id = $1',
    [docId],
  )
  return new Set(rows.map(({ client_id: clientId }) => Number(clientId)))
}

/** The documents and client ids of all presence rows of a user, each as `docId/clientId`. */
export async function clientsOf(pool: pg.Pool, user: string): Promise<Set<string>> {
  const text = `SELECT doc_id || '/' || client_id AS key FROM ydoc_awareness WHERE user_name = $1`
  const { rows } = await pool.query<{ key: string }>(text, [user])
  return new Set(rows.map(({ key }) => key))
}

/** A presence row as it is stored. */
export interface StoredPresence extends PresenceRow {
  /** False for a row that no client can have written: its time cannot be encoded in an answer. */
  readonly isFinite: boolean
}

/** How many presence rows one statement reads. */
const PAGE_ROWS = 1_024

const BEFORE_ALL_IDS = '-9223372036854775808'

/** A page of presence rows as byte strings: a thousand rows as objects would delay edits for milliseconds. */
interface PresencePage {
  readonly count: number
  readonly has_more: boolean
  /** int8, big-endian, concatenated. */
  readonly ids: Buffer
  /** Microseconds as int8, in the same form. */
  readonly times: Buffer
  /** int4 */
  readonly lengths: Buffer
  readonly data: Buffer
  readonly now: Buffer
}

const READ_PAGE = {
  name: 'ydoc_presence_page',
  text: `
    WITH page AS MATERIALIZED (
      SELECT client_id, data, updated_at FROM ydoc_awareness
      WHERE doc_id = $1 AND client_id > $2 ORDER BY client_id LIMIT $3)
    SELECT count(*)::int AS count,
           count(*) = $3 OR count(*) < (SELECT count(*) FROM page) AS has_more,
           coalesce(string_agg(int8send(client_id), '' ORDER BY client_id), '') AS ids,
           coalesce(string_agg(timestamptz_send(updated_at), '' ORDER BY client_id), '') AS times,
           coalesce(string_agg(int4send(length(data)), '' ORDER BY client_id), '') AS lengths,
           coalesce(string_agg(data, '' ORDER BY client_id), '') AS data,
           timestamptz_send(clock_timestamp()) AS now
    FROM (SELECT *, sum(length(data)) OVER (ORDER BY client_id) AS through FROM page) summed
    WHERE through - length(data) = 0 OR through <= $4`,
}

/** The times of Postgres that are infinite. */
const INFINITE: ReadonlySet<bigint> = new Set([2n ** 63n - 1n, -(2n ** 63n)])

/**
 * All presence rows of a document, in pieces of at most {@link PIECE_BYTES}, and how long ago each was
 * written, by the database's clock. The pieces are from different moments: presence is not history.
 */
export async function* presencePieces(
  pool: pg.Pool,
  docId: string,
): AsyncGenerator<StoredPresence[]> {
  let after = BEFORE_ALL_IDS
  for (;;) {
    const { rows } = await pool.query<PresencePage>({
      ...READ_PAGE,
      values: [docId, after, PAGE_ROWS, PIECE_BYTES],
    })
    const [page] = rows
    if (page === undefined || page.count === 0) return
    yield unpackPresence(page)
    if (!page.has_more) return
    after = String(page.ids.readBigInt64BE(8 * (page.count - 1)))
    await nextTurn()
  }
}

function unpackPresence(page: PresencePage): StoredPresence[] {
  const { count, ids, times, lengths, data } = page
  const now = page.now.readBigInt64BE()
  let offset = 0
  return Array.from({ length: count }, (_, i) => {
    const time = times.readBigInt64BE(8 * i)
    const hasTime = !INFINITE.has(time)
    const start = offset
    offset += lengths.readInt32BE(4 * i)
    return {
      clientId: Number(ids.readBigInt64BE(8 * i)),
      ageMs: hasTime ? Math.max(0, Math.round(Number(now - time) / 1_000)) : 0,
      isFinite: hasTime,
      data: data.subarray(start, offset),
    }
  })
}

/**
 * All presence rows of a document. A row that no client can have written (its id or its time cannot be
 * encoded in the answer) is left out, so that the other rows can still be read.
 * @throws {RequestError} deleted, document_too_large
 */
export async function readAwareness(
  pool: pg.Pool,
  docId: string,
  maxBytes: number = DEFAULT_LIMITS.maxReadBytes,
): Promise<PresenceRow[]> {
  const present: PresenceRow[] = []
  let bytes = 0
  for await (const rows of presencePieces(pool, docId)) {
    for (const { clientId, ageMs, data, isFinite: hasTime } of rows) {
      bytes += data.byteLength
      if (hasTime && clientId >= 0 && clientId <= MAX_CLIENT_ID) {
        present.push({ clientId, ageMs, data })
      }
    }
    if (bytes > maxBytes) {
      throw new RequestError(
        'document_too_large',
        `the presence rows of this document have more than maxReadBytes (${maxBytes})`,
      )
    }
  }
  if (bytes === 0) await documentExists(pool, docId)
  return present
}
