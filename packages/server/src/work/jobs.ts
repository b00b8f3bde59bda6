import { type Sources, unpackSources } from '../compaction/sources.ts'
import { verifyFold } from '../compaction/verify.ts'
import type { ContentBounds } from '../content/bounds.ts'
import { useDocument } from '../content/build.ts'
import type { ContentDifference } from '../content/difference.ts'
import { type ExaminedRow, examineRow } from '../content/examine.ts'
import type { Format, ReadChoice, RootChoice } from '../content/formats.ts'
import { type ContentStats, statsOf } from '../content/stats.ts'
import type { Finding } from '../content/verify/findings.ts'
import { mendSnapshot, type Replacement, salvageRows } from '../content/verify/mend.ts'
import { verifyRows } from '../content/verify/rows.ts'
import { verifyOlderSnapshots } from '../content/verify/snapshots.ts'
import {
  differenceOf,
  type ImportedVersion,
  type Restoration,
  restoration,
  versionOf,
  versionOfContent,
} from '../content/versions.ts'
import type { DiffBounds } from '../content/words.ts'
import { type Content, type ContentFormat, writeContent } from '../content/write.ts'
import type { Verdict, Version } from '../store/index.ts'
import { type PackedRows, unpackRows } from '../store/packed-rows.ts'

/**
 * The pure work that may be too much for the event loop, by name. Everything is imported when the
 * process or the worker starts: an import in the middle that fails once, since no file can be opened,
 * would fail for ever.
 */
export const JOBS = {
  /** Compares a proposed snapshot row with what the stored rows make. */
  verifyFold: (job: { sources: Sources; proposal: Uint8Array; keepHistory: boolean }): Verdict =>
    verifyFold(unpackSources(job.sources), job.proposal, job.keepHistory),

  /** Writes a document in a format. */
  inspect: (job: {
    sources: Sources
    format: ContentFormat
    choice: RootChoice
    maxBytes: number
  }): Content => {
    // An update holds everything that is stored, including deleted content.
    const gc = job.format !== 'update' && job.format !== 'update-v2'
    return useDocument(unpackSources(job.sources), gc, ({ doc }) =>
      writeContent(doc, job.format, job.choice, job.maxBytes),
    )
  },

  /** Counts what a document is made of. */
  stats: (job: { sources: Sources }): ContentStats =>
    useDocument(unpackSources(job.sources), true, statsOf),

  /** Checks the newest snapshot row and the update rows of a document. */
  verifyRows: (job: {
    activeSegment: number
    snapshot: { seq: number; throughSegment: number; data: Uint8Array } | null
    rows: PackedRows
  }): Finding[] => verifyRows({ ...job, rows: unpackRows(job.rows) }),

  /** Checks older snapshot rows against the newest one. */
  verifyOlderSnapshots: (job: {
    older: readonly { seq: number; isFold: boolean; data: Uint8Array }[]
    newest: { seq: number; data: Uint8Array } | null
  }): Finding[] => verifyOlderSnapshots(job.older, job.newest),

  /** The sound parts of bad rows for which other rows wait. */
  salvageRows: (job: {
    snapshot: { seq: number; throughSegment: number; data: Uint8Array } | null
    rows: PackedRows
  }): Replacement[] => salvageRows({ ...job, rows: unpackRows(job.rows) }),

  /** A snapshot row without the part that nobody uses. */
  mendSnapshot: (job: { data: Uint8Array }): Uint8Array => mendSnapshot(job.data),

  /** The document as one Yjs v2 update. */
  version: (job: { sources: Sources; keepHistory: boolean }): Version =>
    versionOf(unpackSources(job.sources), job.keepHistory),

  /** The edits that bring a document back to a version (Yjs v2). */
  restore: (job: { current: Sources; version: Uint8Array; keepHistory: boolean }): Restoration =>
    restoration({ ...job, current: unpackSources(job.current) }),

  /** Compares two versions (Yjs v2). */
  diff: (job: { from: Uint8Array; to: Uint8Array; bounds: DiffBounds }): ContentDifference =>
    differenceOf(job),

  /** Content in a format as one Yjs v2 update. */
  readContent: (job: {
    format: Format
    data: string | Uint8Array
    choice: ReadChoice
    bounds: ContentBounds
  }): ImportedVersion => versionOfContent(job.format, job.data, job.choice, job.bounds),

  /** Judges an update (Yjs v1) that is to be a row. */
  examine: (job: { update: Uint8Array; maxStructs: number }): ExaminedRow =>
    examineRow(job.update, job.maxStructs),
}

export type JobName = keyof typeof JOBS
export type JobInput<N extends JobName> = Parameters<(typeof JOBS)[N]>[0]
export type JobOutput<N extends JobName> = ReturnType<(typeof JOBS)[N]>

/** Does a job here. */
export const doJob = <N extends JobName>(name: N, input: JobInput<N>): JobOutput<N> =>
  (JOBS[name] as (input: JobInput<N>) => JobOutput<N>)(input)
