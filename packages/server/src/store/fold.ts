import type pg from 'pg'
import type { FoldProposal } from 'y-electric/protocol'
import { deletedError, unlessDeleted } from './deleted.ts'
import { batchIdAt, PACK_ROWS, type PackedRows, unpackRows } from './packed-rows.ts'
import { pruneSnapshots, type RetentionRule } from './retention.ts'
import { SUM_STRUCTS, UNCOUNTED } from './structs.ts'
import { inTransaction } from './transaction.ts'

/** The SQLSTATE that the schema raises if a fold would collect a history that the document keeps. */
const COLLECTED_SQLSTATE = 'YD409'

/** Why a fold was not made; nothing has changed then. */
export type FoldRefusal = 'busy' | 'not-sealed' | 'folded' | 'different'

/** What came of a fold. */
export type FoldOutcome =
  | {
      readonly type: 'folded'
      readonly seq: number
      readonly rows: number
      readonly bytesBefore: number
      readonly bytesAfter: number
      readonly carried: number
    }
  | { readonly type: 'refused'; readonly refusal: FoldRefusal; readonly detail: string }

/** What came of verifying a proposal. */
export type Verdict =
  | {
      readonly type: 'same'
      /**
       * The bytes to store, encoded here from the verified document: whatever else the proposal's
       * bytes may hold (a struct written twice, say) never reaches the table.
       */
      readonly snapshot: Uint8Array
      /** How many structs it holds. */
      readonly structs: number
      /** seqs of the rows that wait for others and must be carried into the active segment. */
      readonly carried: readonly number[]
    }
  | { readonly type: 'different'; readonly difference: string }

/** What a fold is made of, as it was read from the tables. */
export interface StoredSources {
  readonly previous: Uint8Array | null
  readonly rows: PackedRows
  /** How many structs they hold. */
  readonly structs: number
}

export interface FoldOptions {
  /** Compares the proposal with what the rows make. */
  readonly verify: (
    sources: StoredSources,
    proposal: Uint8Array,
    /** Whether the snapshot of the verdict must contain the content of deleted items. */
    keepHistory: boolean,
  ) => Promise<Verdict>
  /** Which snapshot rows stay; the new one always does. */
  readonly retention: RetentionRule
  /** Who folds, where that is known. */
  readonly createdBy?: string | null
}

/** Thrown to roll back. */
class Refused extends Error {
  readonly refusal: FoldRefusal
  constructor(refusal: FoldRefusal, detail: string) {
    super(detail)
    this.refusal = refusal
  }
}

/**
 * Folds all sealed segments up to and with `throughSegment` into one snapshot row, in one
 * transaction (rule 4): it deletes exactly the rows that it verifies, and inserts what they make.
 * Whatever stops it, even a crash between two statements, leaves everything as it was.
 * @throws {RequestError} deleted
 */
export async function foldSegments(
  pool: pg.Pool,
  docId: string,
  proposal: FoldProposal,
  options: FoldOptions,
): Promise<FoldOutcome> {
  try {
    return await inTransaction(pool, (client) => foldInside(client, docId, proposal, options))
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { type: 'refused', refusal: error.refusal, detail: error.message }
  }
}

async function foldInside(
  client: pg.PoolClient,
  docId: string,
  { throughSegment, data }: FoldProposal,
  { verify, retention, createdBy = null }: FoldOptions,
): Promise<FoldOutcome> {
  await lockCompaction(client, docId)
  const previous = await newestSnapshot(client, docId)
  const { keepHistory } = await requireSealed(client, docId, throughSegment)
  if (previous !== null && previous.throughSegment >= throughSegment) {
    throw new Refused('folded', `segment ${throughSegment} was folded already`)
  }

  const deleted = await deleteRows(client, docId, throughSegment)
  const structs = deleted.structs + (previous?.structs ?? 0)
  const sources = { previous: previous?.data ?? null, rows: deleted.rows, structs }
  const verdict = await verify(sources, data, keepHistory)
  if (verdict.type === 'different') throw new Refused('different', verdict.difference)

  const carried = new Set(verdict.carried)
  const carriedBytes = await carryRows(client, docId, deleted.rows, carried)
  const replaced = {
    rows: deleted.rows.count - carried.size,
    bytes: deleted.rows.data.byteLength - carriedBytes,
  }
  const seq = await insertSnapshot(client, docId, {
    throughSegment,
    data: verdict.snapshot,
    structs: verdict.structs,
    replaced,
    createdBy,
    keepHistory,
  })
  await pruneSnapshots(client, docId, retention)
  return {
    type: 'folded',
    seq,
    rows: replaced.rows,
    bytesBefore: replaced.bytes + (previous?.data.byteLength ?? 0),
    bytesAfter: verdict.snapshot.byteLength,
    carried: carried.size,
  }
}

/** Does not wait: whoever holds the lock is doing the same work. */
async function lockCompaction(client: pg.PoolClient, docId: string): Promise<void> {
  const { rows } = await client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_xact_lock(ydoc_compaction_key($1)) AS locked',
    [docId],
  )
  if (rows[0]?.locked !== true) throw new Refused('busy', 'another compactor is at work')
}

async function newestSnapshot(client: pg.PoolClient, docId: string) {
  const { rows } = await client.query<{
    through_segment: number
    data: Buffer
    structs: number | null
  }>(
    `SELECT through_segment, data, structs FROM ydoc_snapshot
     WHERE doc_id = $1 AND through_segment IS NOT NULL ORDER BY through_segment DESC LIMIT 1`,
    [docId],
  )
  const [row] = rows
  if (row === undefined) return null
  const { through_segment: throughSegment, data, structs } = row
  return { throughSegment, data, structs: structs ?? UNCOUNTED }
}

async function requireSealed(
  client: pg.PoolClient,
  docId: string,
  throughSegment: number,
): Promise<{ readonly keepHistory: boolean }> {
  const { rows } = await client.query<{
    segment: number
    is_deleted: boolean
    keep_history: boolean
  }>(
    `SELECT segment, deleted_at IS NOT NULL AS is_deleted, keep_history
     FROM ydoc_document WHERE doc_id = $1`,
    [docId],
  )
  if (rows[0]?.is_deleted) throw deletedError()
  const active = rows[0]?.segment ?? 0
  if (throughSegment >= active) {
    throw new Refused('not-sealed', `segment ${throughSegment} is not sealed: ${active} is active`)
  }
  return { keepHistory: rows[0]?.keep_history ?? false }
}

/** Deletes the rows of sealed segments, seals included, and gives back the ones that hold an update. */
async function deleteRows(
  client: pg.PoolClient,
  docId: string,
  throughSegment: number,
): Promise<{ readonly rows: PackedRows; readonly structs: number }> {
  const { rows } = await client.query<PackedRows & { structs: number }>(
    `WITH deleted AS (
       DELETE FROM ydoc_update WHERE doc_id = $1 AND segment <= $2
       RETURNING seq, segment, batch_id, data, structs
     )
     SELECT ${PACK_ROWS}, ${SUM_STRUCTS} AS structs FROM deleted WHERE data <> ''`,
    [docId, throughSegment],
  )
  const [found] = rows
  if (found === undefined) throw new Error('an aggregate returned no row')
  const { structs, ...packed } = found
  return { rows: packed, structs }
}

/**
 * Appends rows again as they were, batch id and all, taking the document's lock as any writer does.
 * @returns how many bytes they hold
 */
async function carryRows(
  client: pg.PoolClient,
  docId: string,
  deleted: PackedRows,
  carried: ReadonlySet<number>,
): Promise<number> {
  let bytes = 0
  if (carried.size === 0) return bytes
  for (const [index, { seq, data }] of unpackRows(deleted).entries()) {
    if (!carried.has(seq)) continue
    const batchId = batchIdAt(deleted, index)
    const values = [docId, batchId, Buffer.from(data)]
    await unlessDeleted(client.query('SELECT ydoc_append($1, $2, $3)', values))
    bytes += data.byteLength
  }
  return bytes
}

async function insertSnapshot(
  client: pg.PoolClient,
  docId: string,
  row: {
    readonly throughSegment: number
    readonly data: Uint8Array
    readonly structs: number
    readonly replaced: { readonly rows: number; readonly bytes: number }
    readonly createdBy: string | null
    readonly keepHistory: boolean
  },
): Promise<number> {
  const { throughSegment, data, structs, replaced, createdBy, keepHistory } = row
  const { rows, bytes } = replaced
  const inserted = await client
    .query<{ seq: string }>(
      `INSERT INTO ydoc_snapshot (doc_id, through_segment, data, folded_rows, folded_bytes, created_by,
                                  keep_history, structs)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING seq`,
      [docId, throughSegment, Buffer.from(data), rows, bytes, createdBy, keepHistory, structs],
    )
    .catch((error: Error & { code?: unknown }) => {
      if (error.code !== COLLECTED_SQLSTATE) throw error
      throw new Refused(
        'busy',
        'the document began to keep its history during the fold: fold it again',
      )
    })
  return Number(inserted.rows[0]?.seq)
}
