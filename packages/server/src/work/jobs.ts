import { checkFold } from '../compaction/check.ts'
import { type Sources, unpackSources } from '../compaction/sources.ts'
import { type ExaminedRow, examineRow } from '../content/examine.ts'
import { type MergedContent, mergeRows } from '../content/merge.ts'
import { type Version, versionOf } from '../content/version.ts'
import type { Verdict } from '../store/index.ts'
import { type PackedRows, unpackRows } from '../store/packed-rows.ts'

/**
 * The pure jobs that may be too much for the event loop, by name. Everything is imported when the process
 * or the worker starts: a later import that fails once, because no file can be opened, would fail
 * permanently.
 */
export const JOBS = {
  /** Compares a proposed snapshot row with the document of the stored rows. */
  checkFold: (job: { sources: Sources; proposal: Uint8Array; keepHistory: boolean }): Verdict =>
    checkFold(unpackSources(job.sources), job.proposal, job.keepHistory),

  /** The document as one Yjs v2 update. */
  version: (job: { sources: Sources; keepHistory: boolean }): Version =>
    versionOf(unpackSources(job.sources), job.keepHistory),

  /** The content of rows as one update. */
  mergeRows: (job: { rows: PackedRows; keepHistory: boolean }): MergedContent =>
    mergeRows(unpackRows(job.rows), job.keepHistory),

  /** Checks an update (Yjs v1) before it is stored as a row. */
  examine: (job: { update: Uint8Array; maxStructs: number }): ExaminedRow =>
    examineRow(job.update, job.maxStructs),
}
