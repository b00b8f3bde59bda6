import type pg from 'pg'
import { foldToSnapshot } from 'y-electric/protocol'
import type { Limits } from '../limits.ts'
import {
  type Compactable,
  type FoldOutcome,
  foldSegments,
  readState,
  rollSegment,
} from '../store/index.ts'
import { checkProposal } from './check-proposal.ts'

/**
 * Compacts one document on the server, when no client does it: rolls its active segment if that holds
 * at least `minRows`, and folds all sealed segments. Roll, check and fold are the same as for a
 * client's proposal.
 */
export async function compactDocument(
  pool: pg.Pool,
  document: Compactable,
  minRows: number,
  limits: Limits,
): Promise<FoldOutcome> {
  const { docId, activeSegment, activeRows } = document
  if (activeRows >= minRows) await rollSegment(pool, docId, activeSegment)
  const state = await readState(pool, docId, null, { maxBytes: limits.maxReadBytes })
  const throughSegment = state.activeSegment - 1
  const sources = {
    previous: state.snapshot?.data ?? null,
    rows: state.rows.filter(({ segment }) => segment <= throughSegment),
  }
  const proposal = { throughSegment, data: foldToSnapshot(sources, !state.keepHistory) }
  return foldSegments(pool, docId, proposal, {
    check: (stored, data, keepHistory) =>
      checkProposal({ sources: stored, proposal: data, keepHistory }, limits),
    retention: limits,
    maxTransactionBytes: limits.maxTransactionBytes,
    maxBytes: limits.maxReadBytes,
  })
}
