import { deletedError } from './deleted.ts'
import type { Queryable } from './pieces.ts'

/** Why a fold was not made; nothing has changed then. */
export type FoldRefusal = 'busy' | 'not-sealed' | 'folded' | 'different'

/** Thrown to roll back. */
export class Refused extends Error {
  readonly refusal: FoldRefusal
  constructor(refusal: FoldRefusal, detail: string) {
    super(detail)
    this.refusal = refusal
  }
}

const BUSY = 'another compactor is at work'

/**
 * Takes the compaction lock until the transaction ends. Does not wait: another compactor that holds it
 * does the same work.
 */
export async function lockCompaction(client: Queryable, docId: string): Promise<void> {
  const { rows } = await client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_xact_lock(ydoc_compaction_key($1)) AS locked',
    [docId],
  )
  if (rows[0]?.locked !== true) throw new Refused('busy', BUSY)
}

/** As much of a document as decides whether a segment can be folded. */
interface Standing {
  readonly activeSegment: number
  readonly deletedAt: Date | null
  readonly snapshot: { readonly throughSegment: number } | null
}

/** @throws {Refused} @throws {RequestError} deleted */
export function requireFoldable(document: Standing | null, throughSegment: number): void {
  if (document !== null && document.deletedAt !== null) throw deletedError()
  const active = document?.activeSegment ?? 0
  if (throughSegment >= active) {
    throw new Refused('not-sealed', `segment ${throughSegment} is not sealed: ${active} is active`)
  }
  const folded = document?.snapshot?.throughSegment ?? -1
  if (folded >= throughSegment) {
    throw new Refused('folded', `segment ${throughSegment} was folded already`)
  }
}
