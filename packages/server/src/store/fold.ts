import type pg from 'pg'
import type { FoldProposal } from 'y-electric/protocol'
import { type ReadOptions, readDocument } from './document.ts'
import {
  type CommitOptions,
  type FoldOutcome,
  replaceRows,
  SET_ASIDE,
  type Verdict,
} from './fold-commit.ts'
import { lockCompaction, Refused, readStanding, requireFoldable } from './fold-refusal.ts'
import type { PackedRows } from './packed-rows.ts'
import { dataBytes, Vanished } from './pieces.ts'
import { inTransaction } from './transaction.ts'

/** The inputs of a fold, as they were read from the tables. */
export interface StoredSources {
  readonly previous: Uint8Array | null
  readonly rows: PackedRows
  /** How many structs they hold. */
  readonly structs: number
}

export interface FoldOptions extends ReadOptions, CommitOptions {
  /** Compares the proposal with the document of the rows. It may detach the buffers of the sources. */
  readonly check: (
    sources: StoredSources,
    proposal: Uint8Array,
    /** Whether the snapshot of the verdict must contain the content of deleted items. */
    keepHistory: boolean,
  ) => Promise<Verdict>
}

/**
 * Folds all sealed segments through `throughSegment` into one snapshot row (FOLD-1, KEEP-1).
 *
 * The proposal is checked outside of any transaction: that may take long, and no writer waits for it.
 * Then one short transaction, under the compaction lock, deletes the sealed rows, requires that they
 * are exactly the checked ones, and inserts the snapshot. Sealed rows never change, so the verdict
 * still holds. A fold that is interrupted, even by a crash between two statements, leaves everything
 * unchanged.
 * @throws {RequestError} deleted, document_too_large
 */
export async function foldSegments(
  pool: pg.Pool,
  docId: string,
  { throughSegment, data }: FoldProposal,
  options: FoldOptions,
): Promise<FoldOutcome> {
  try {
    // No transaction is open, so this only tests the lock. It saves the check while another compactor
    // commits.
    await lockCompaction(pool, docId)
    requireFoldable(await readStanding(pool, docId), throughSegment)
    const read = await readSealed(pool, docId, throughSegment, options)
    const { previous, rows, structs, keepHistory } = read
    const { data: _, ...keys } = rows
    const facts = {
      throughSegment,
      previous: previous === null ? null : { seq: previous.seq, bytes: previous.data.byteLength },
      keys,
      bytes: dataBytes(keys),
      keepHistory,
    }
    const sources = { previous: previous?.data ?? null, rows, structs }
    const verdict = await options.check(sources, data, keepHistory)
    if (verdict.type === 'different') throw new Refused('different', verdict.difference)
    options.signal?.throwIfAborted()
    return await inTransaction(pool, (client) =>
      replaceRows(client, docId, { ...facts, verdict }, options),
    )
  } catch (error) {
    if (error instanceof Vanished) return { type: 'refused', refusal: 'busy', detail: SET_ASIDE }
    if (!(error instanceof Refused)) throw error
    return { type: 'refused', refusal: error.refusal, detail: error.message }
  }
}

/** Reads the inputs of a fold through this segment. @throws {Refused} @throws {RequestError} */
async function readSealed(
  pool: pg.Pool,
  docId: string,
  throughSegment: number,
  options: ReadOptions,
) {
  const choice = { kind: 'through', segment: throughSegment } as const
  const read = await readDocument(pool, docId, choice, null, options)
  requireFoldable(read, throughSegment)
  if (read === null) throw new Error('a document that nobody has written has no sealed segment')
  const { snapshot, rows, structs, keepHistory } = read
  const previous =
    snapshot === null ? null : { seq: snapshot.seq, data: snapshot.data ?? new Uint8Array() }
  return { previous, rows, structs, keepHistory }
}
