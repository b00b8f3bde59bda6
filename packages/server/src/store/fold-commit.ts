import type pg from 'pg'
import type { Folded } from '../schemas/protocol.ts'
import {
  type FoldRefusal,
  lockCompaction,
  Refused,
  readStanding,
  requireFoldable,
} from './fold-refusal.ts'
import { batchIdAt, rowKeys, unpackRows } from './packed-rows.ts'
import { type RowKeys, readData } from './pieces.ts'
import { pruneSnapshots, type RetentionRule } from './retention.ts'
import { type AppendOptions, appendUpdatesInside, type Batch } from './updates.ts'

/** The SQLSTATE that the schema raises if a fold would collect a history that the document keeps (FOLD-3). */
const COLLECTED_SQLSTATE = 'YD409'

/** The outcome of a fold. */
export type FoldOutcome =
  | ({ readonly type: 'folded' } & Folded)
  | { readonly type: 'refused'; readonly refusal: FoldRefusal; readonly detail: string }

/** The outcome of checking a proposal. */
export type Verdict =
  | {
      readonly type: 'same'
      /**
       * The bytes to store, encoded here from the checked document: anything else in the proposal's bytes
       * (such as a struct written twice) never reaches the table.
       */
      readonly snapshot: Uint8Array
      /** How many structs it holds. */
      readonly structs: number
      /** The seqs of rows that wait for missing edits and must be carried into the active segment. */
      readonly carried: readonly number[]
    }
  | { readonly type: 'different'; readonly difference: string }

/** Options for the rows that a fold writes and deletes, besides its snapshot. */
export interface CommitOptions extends AppendOptions {
  /** Which snapshot rows are kept; the new one always is. */
  readonly retention: RetentionRule
  /** The user who folds, if known. */
  readonly createdBy?: string | null
}

export const SET_ASIDE = 'rows were set aside during the fold: fold again'

/** The rows that were checked, and the verdict. */
export interface Checked {
  readonly throughSegment: number
  readonly previous: { readonly seq: number; readonly bytes: number } | null
  readonly keys: RowKeys
  readonly bytes: number
  readonly keepHistory: boolean
  readonly verdict: Extract<Verdict, { type: 'same' }>
}

/** Replaces the checked rows by their snapshot (KEEP-1), unless anything has changed. @throws {Refused} */
export async function replaceRows(
  client: pg.PoolClient,
  docId: string,
  { throughSegment, previous, keys, bytes, keepHistory, verdict }: Checked,
  { retention, createdBy = null, maxTransactionBytes }: CommitOptions,
): Promise<FoldOutcome> {
  await lockCompaction(client, docId)
  await requireUnchanged(client, docId, throughSegment, previous?.seq ?? null, keepHistory)
  const waiting = await readCarried(client, docId, keys, new Set(verdict.carried))
  const deleted = await deleteRows(client, docId, throughSegment)
  if (!Buffer.from(keys.seqs).equals(deleted)) {
    throw new Refused('busy', SET_ASIDE)
  }
  // The carried rows keep their batch ids.
  if (waiting.length > 0) {
    await appendUpdatesInside(client, docId, waiting, { maxTransactionBytes })
  }
  const carriedBytes = waiting.reduce((sum, { update }) => sum + update.byteLength, 0)
  const replaced = { rows: keys.count - waiting.length, bytes: bytes - carriedBytes }
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
    bytesBefore: replaced.bytes + (previous?.bytes ?? 0),
    bytesAfter: verdict.snapshot.byteLength,
    carried: waiting.length,
  }
}

/** Checks everything that the verdict depends on, except the sealed rows. @throws {Refused} @throws {RequestError} */
async function requireUnchanged(
  client: pg.PoolClient,
  docId: string,
  throughSegment: number,
  previousSeq: number | null,
  keptHistory: boolean,
): Promise<void> {
  const standing = await readStanding(client, docId)
  requireFoldable(standing, throughSegment)
  if ((standing?.snapshot?.seq ?? null) !== previousSeq) {
    throw new Refused('busy', 'another fold was committed meanwhile: fold again')
  }
  if (standing?.keepHistory === true && !keptHistory) throw new Refused('busy', HISTORY_KEPT)
}

const HISTORY_KEPT = 'the document began to keep its history during the fold: fold it again'

/** Deletes the rows of sealed segments, including seals, and returns the seqs of those that hold an update. */
async function deleteRows(
  client: pg.PoolClient,
  docId: string,
  throughSegment: number,
): Promise<Uint8Array> {
  const { rows } = await client.query<{ seqs: Buffer }>(
    `WITH deleted AS (
       DELETE FROM ydoc_update WHERE doc_id = $1 AND segment <= $2
       RETURNING seq, segment, data <> '' AS is_update
     )
     SELECT coalesce(string_agg(int8send(seq), '' ORDER BY segment, seq), '') AS seqs
     FROM deleted WHERE is_update`,
    [docId, throughSegment],
  )
  const [packed] = rows
  if (packed === undefined) throw new Error('an aggregate returned no row')
  return packed.seqs
}

/** The rows that must be appended again, read before they are deleted. */
async function readCarried(
  client: pg.PoolClient,
  docId: string,
  keys: RowKeys,
  carried: ReadonlySet<number>,
): Promise<Batch[]> {
  if (carried.size === 0) return []
  const places = [...rowKeys(keys)].flatMap(({ seq }, i) => (carried.has(seq) ? [i] : []))
  const chosen = chooseKeys(keys, places)
  const rows = unpackRows({ ...chosen, data: await readData(client, docId, chosen) })
  const counted = await readCounts(client, docId, [...carried])
  return rows.map(({ seq, data }, i) => ({
    batchId: batchIdAt(chosen, i),
    update: data,
    structs: counted.get(seq) ?? null,
  }))
}

/** The struct counts of these rows; null for a row that was not counted. */
async function readCounts(
  client: pg.PoolClient,
  docId: string,
  seqs: readonly number[],
): Promise<ReadonlyMap<number, number | null>> {
  const { rows } = await client.query<{ seq: string; structs: number | null }>(
    'SELECT seq, structs FROM ydoc_update WHERE doc_id = $1 AND seq = ANY($2::bigint[])',
    [docId, seqs],
  )
  return new Map(rows.map(({ seq, structs }) => [Number(seq), structs]))
}

function chooseKeys(keys: RowKeys, places: readonly number[]): RowKeys {
  const pick = (packed: Uint8Array, width: number) =>
    Buffer.concat(places.map((i) => packed.subarray(width * i, width * (i + 1))))
  return {
    count: places.length,
    seqs: pick(keys.seqs, 8),
    segments: pick(keys.segments, 4),
    lengths: pick(keys.lengths, 4),
    batchIds: pick(keys.batchIds, 16),
  }
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
      [docId, throughSegment, bufferOf(data), rows, bytes, createdBy, keepHistory, structs],
    )
    .catch((error: Error & { code?: unknown }) => {
      if (error.code !== COLLECTED_SQLSTATE) throw error
      throw new Refused('busy', HISTORY_KEPT)
    })
  return Number(inserted.rows[0]?.seq)
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
