import { type Sources, unpackSources } from '../compaction/sources.ts'
import { verifyFold } from '../compaction/verify.ts'
import { type ExaminedRow, examineRow } from '../content/examine.ts'
import { type Version, versionOf } from '../content/version.ts'
import type { Verdict } from '../store/index.ts'

/**
 * The pure work that may be too much for the event loop, by name. Everything is imported when the
 * process or the worker starts: an import in the middle that fails once, since no file can be opened,
 * would fail for ever.
 */
export const JOBS = {
  /** Compares a proposed snapshot row with what the stored rows make. */
  verifyFold: (job: { sources: Sources; proposal: Uint8Array; keepHistory: boolean }): Verdict =>
    verifyFold(unpackSources(job.sources), job.proposal, job.keepHistory),

  /** The document as one Yjs v2 update. */
  version: (job: { sources: Sources; keepHistory: boolean }): Version =>
    versionOf(unpackSources(job.sources), job.keepHistory),

  /** Judges an update (Yjs v1) that is to be a row. */
  examine: (job: { update: Uint8Array; maxStructs: number }): ExaminedRow =>
    examineRow(job.update, job.maxStructs),
}
