import type pg from 'pg'
import { RequestError } from '../errors.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { PACK_DATA, PACK_KEYS, PACKED_ROW_BYTES, type PackedRows } from './packed-rows.ts'
import {
  PIECE_BYTES,
  type Queryable,
  type RowKeys,
  readData,
  readKeys,
  readSnapshotData,
  Vanished,
  weightOf,
} from './pieces.ts'
import { SUM_STRUCTS, UNCOUNTED } from './structs.ts'
import { inTransaction } from './transaction.ts'

/** The update rows to read: those after the newest snapshot row, those of sealed segments, or all, including seals. */
export type RowChoice =
  | { readonly kind: 'after-snapshot' }
  | { readonly kind: 'through'; readonly segment: number }
  | { readonly kind: 'all' }

export interface ReadOptions {
  /** Largest document that is read, in bytes. Default: `maxReadBytes`. */
  readonly maxBytes?: number | undefined
  /** Aborts the reading between two pieces. */
  readonly signal?: AbortSignal | undefined
  /**
   * Runs the read of a document that is larger than one piece. It may wait first, so that only a few such documents are
   * in memory at once.
   */
  readonly whenLarge?: <T>(read: () => Promise<T>) => Promise<T>
}

/** The stored rows of a document, in one consistent read. */
export interface StoredParts {
  readonly activeSegment: number
  readonly createdAt: Date
  readonly deletedAt: Date | null
  /** Whether every fold of the document keeps deleted content. */
  readonly keepHistory: boolean
  /** The newest snapshot row that is part of the state. */
  readonly snapshot: {
    readonly seq: number
    readonly throughSegment: number
    /** Null if the caller already has it. */
    readonly data: Uint8Array | null
    readonly createdAt: Date
    readonly structs: number
  } | null
  readonly rows: PackedRows
  /** When the newest of these rows was written. */
  readonly changedAt: Date | null
  /** How many structs the snapshot row and the update rows hold. */
  readonly structs: number
}

interface HeadRecord extends RowKeys {
  data: Buffer
  active: number
  created_at: Date
  deleted_at: Date | null
  keep_history: boolean
  snapshot_seq: string | null
  through_segment: number | null
  snapshot_bytes: number | null
  snapshot_created_at: Date | null
  snapshot_data: Buffer | null
  snapshot_structs: number | null
  row_count: number
  row_bytes: number
  row_structs: number
  changed_at: Date | null
  fits: boolean
}

const ROWS: Record<RowChoice['kind'], string> = {
  'after-snapshot': `u.doc_id = $1 AND u.data <> ''
     AND u.segment > coalesce((SELECT through_segment FROM newest), -1)`,
  through: `u.doc_id = $1 AND u.data <> '' AND u.segment <= $4`,
  all: 'u.doc_id = $1',
}

/**
 * Reads everything about a document in one statement, which is one database snapshot: the parts cannot disagree, and a
 * concurrent fold is either wholly before or wholly after. Data is only returned if it all fits into $3 bytes. The data
 * of snapshot row $2 is left out, because the reader has it.
 */
const headOf = (kind: RowChoice['kind']): string => `
  WITH newest AS (
    SELECT seq, through_segment, length(data) AS bytes, created_at, structs FROM ydoc_snapshot
    WHERE doc_id = $1 AND through_segment IS NOT NULL ORDER BY through_segment DESC LIMIT 1
  ), size AS (
    SELECT count(*)::int AS count, coalesce(sum(length(data)), 0)::float8 AS bytes,
           max(created_at) AS changed_at, ${SUM_STRUCTS} AS structs
    FROM ydoc_update u WHERE ${ROWS[kind]}
  ), verdict AS (
    SELECT size.bytes + ${PACKED_ROW_BYTES} * size.count::float8
           + coalesce((SELECT bytes FROM newest WHERE seq IS DISTINCT FROM $2), 0) <= $3 AS fits
    FROM size
  )
  SELECT d.segment AS active, d.created_at, d.deleted_at, d.keep_history,
         n.seq AS snapshot_seq, n.through_segment, n.bytes AS snapshot_bytes,
         n.created_at AS snapshot_created_at, n.structs AS snapshot_structs,
         (SELECT s.data FROM ydoc_snapshot s
          WHERE v.fits AND s.seq = n.seq AND n.seq IS DISTINCT FROM $2) AS snapshot_data,
         z.count AS row_count, z.bytes AS row_bytes, z.structs AS row_structs,
         z.changed_at, v.fits, p.*
  FROM ydoc_document d
  LEFT JOIN newest n ON true
  CROSS JOIN size z
  CROSS JOIN verdict v
  CROSS JOIN LATERAL (
    SELECT ${PACK_KEYS}, ${PACK_DATA} FROM ydoc_update u WHERE v.fits AND ${ROWS[kind]}) p
  WHERE d.doc_id = $1`

const HEADS = {
  'after-snapshot': { name: 'ydoc_state', text: headOf('after-snapshot') },
  through: { name: 'ydoc_sealed', text: headOf('through') },
  all: { name: 'ydoc_all', text: headOf('all') },
} as const

/**
 * How many times the data is read outside of a transaction while folds delete rows. After that, it is read in one
 * transaction.
 */
const TRIES = 2

/**
 * Reads a document, or null if nothing was ever stored for it. A small document is read in one statement. Of a larger
 * document, the keys are read in one REPEATABLE READ transaction, and then the data of exactly these rows in pieces,
 * outside of the transaction: rows never change, and PGlite has only one connection, which a transaction would block.
 * If a fold deletes rows meanwhile, the read starts again.
 * @throws {RequestError} document_too_large
 */
export async function readDocument(
  pool: pg.Pool,
  docId: string,
  choice: RowChoice,
  knownSnapshot: number | null,
  options: ReadOptions = {},
): Promise<StoredParts | null> {
  const asked = { docId, choice, knownSnapshot, ...options }
  const head = await readHead(pool, asked, PIECE_BYTES)
  if (head === null) return null
  if (head.fits) return partsOf(head, asked, head.snapshot_data, { ...head, data: [head.data] })
  const { whenLarge = (read) => read() } = options
  return whenLarge(() => readLarge(pool, asked))
}

interface Asked extends ReadOptions {
  readonly docId: string
  readonly choice: RowChoice
  readonly knownSnapshot: number | null
}

async function readHead(
  client: Queryable,
  { docId, choice, knownSnapshot, maxBytes = DEFAULT_LIMITS.maxReadBytes }: Asked,
  inlineBytes: number,
): Promise<HeadRecord | null> {
  const { rows } = await client.query<HeadRecord>({
    ...HEADS[choice.kind],
    values: [
      docId,
      knownSnapshot,
      Math.min(inlineBytes, maxBytes),
      ...(choice.kind === 'through' ? [choice.segment] : []),
    ],
  })
  const [head] = rows
  if (head === undefined) return null
  const snapshotBytes = Number(head.snapshot_seq) === knownSnapshot ? 0 : (head.snapshot_bytes ?? 0)
  const bytes = weightOf(head.row_count, head.row_bytes) + snapshotBytes
  if (bytes > maxBytes && head.deleted_at === null) throw tooLarge(bytes, maxBytes)
  return head
}

const tooLarge = (bytes: number, maxBytes: number): RequestError =>
  new RequestError(
    'document_too_large',
    `${bytes} bytes are stored of this document, more than maxReadBytes (${maxBytes}): fold it, or raise the limit`,
  )

async function readLarge(pool: pg.Pool, asked: Asked): Promise<StoredParts | null> {
  for (let left = TRIES; left > 0; left--) {
    try {
      const keys = await inTransaction(pool, (client) => readAllKeys(client, asked), READ_ONLY)
      return keys === null ? null : await withData(pool, keys, asked)
    } catch (error) {
      if (!(error instanceof Vanished)) throw error
    }
  }
  return inTransaction(
    pool,
    async (client) => {
      const keys = await readAllKeys(client, asked)
      return keys === null ? null : withData(client, keys, asked)
    },
    READ_ONLY,
  )
}

const READ_ONLY = 'REPEATABLE READ READ ONLY'

async function readAllKeys(client: Queryable, asked: Asked) {
  const head = await readHead(client, asked, -1)
  if (head === null) return null
  const { docId, choice, signal } = asked
  const [condition, values] = conditionOf(docId, choice, head.through_segment)
  return { head, keys: await readKeys(client, condition, values, signal) }
}

/** The condition of {@link ROWS} when the newest snapshot row is known. */
function conditionOf(
  docId: string,
  choice: RowChoice,
  throughSegment: number | null,
): [condition: string, values: unknown[]] {
  switch (choice.kind) {
    case 'after-snapshot':
      return [`u.doc_id = $1 AND u.data <> '' AND u.segment > $2`, [docId, throughSegment ?? -1]]
    case 'through':
      return [`u.doc_id = $1 AND u.data <> '' AND u.segment <= $2`, [docId, choice.segment]]
    case 'all':
      return ['u.doc_id = $1', [docId]]
  }
}

type ReadKeys = NonNullable<Awaited<ReturnType<typeof readAllKeys>>>

async function withData(
  client: Queryable,
  { head, keys }: ReadKeys,
  asked: Asked,
): Promise<StoredParts> {
  const { docId, knownSnapshot, signal } = asked
  const [seq, bytes] = [Number(head.snapshot_seq), head.snapshot_bytes]
  const snapshot =
    bytes === null || seq === knownSnapshot
      ? null
      : await readSnapshotData(client, { docId, id: seq, bytes }, signal)
  const data = await readData(client, docId, keys, signal)
  return partsOf(head, asked, snapshot, { ...keys, data })
}

function partsOf(
  head: HeadRecord,
  { knownSnapshot }: Asked,
  snapshotData: Uint8Array | null,
  { count, seqs, segments, lengths, batchIds, data }: PackedRows,
): StoredParts {
  const { snapshot_seq, through_segment, snapshot_created_at } = head
  const snapshotStructs = snapshot_seq === null ? 0 : (head.snapshot_structs ?? UNCOUNTED)
  return {
    activeSegment: head.active,
    createdAt: head.created_at,
    deletedAt: head.deleted_at,
    keepHistory: head.keep_history,
    snapshot:
      snapshot_seq === null || through_segment === null || snapshot_created_at === null
        ? null
        : {
            seq: Number(snapshot_seq),
            throughSegment: through_segment,
            data: Number(snapshot_seq) === knownSnapshot ? null : snapshotData,
            createdAt: snapshot_created_at,
            structs: snapshotStructs,
          },
    rows: { count, seqs, segments, lengths, batchIds, data },
    changedAt: head.changed_at,
    structs: head.row_structs + snapshotStructs,
  }
}
