import { type Sources, unpackSources } from '../compaction/sources.ts'
import type { ContentBounds } from '../content/bounds.ts'
import type { ContentDifference } from '../content/difference.ts'
import type { ExaminedRow } from '../content/examine.ts'
import type { Format, ReadChoice, RootChoice } from '../content/formats.ts'
import type { ContentStats } from '../content/stats.ts'
import type { Finding } from '../content/verify/findings.ts'
import type { Replacement } from '../content/verify/mend.ts'
import type { ImportedVersion, Restoration } from '../content/versions.ts'
import type { DiffBounds } from '../content/words.ts'
import type { Content, ContentFormat } from '../content/write.ts'
import type { Verdict, Version } from '../store/index.ts'
import { type PackedRows, unpackRows } from '../store/packed-rows.ts'

/**
 * The pure work that may be too much for the event loop, by name. Each is loaded when it is first
 * needed: a worker that verifies a fold has no use for an HTML parser.
 */
export const JOBS = {
  /** Compares a proposed snapshot row with what the stored rows make. */
  verifyFold: async (job: {
    sources: Sources
    proposal: Uint8Array
    keepHistory: boolean
  }): Promise<Verdict> => {
    const { verifyFold } = await import('../compaction/verify.ts')
    return verifyFold(unpackSources(job.sources), job.proposal, job.keepHistory)
  },

  /** Writes a document in a format. */
  inspect: async (job: {
    sources: Sources
    format: ContentFormat
    choice: RootChoice
    maxBytes: number
  }): Promise<Content> => {
    const { useDocument } = await import('../content/build.ts')
    const { writeContent } = await import('../content/write.ts')
    // An update holds everything that is stored, including deleted content.
    const gc = job.format !== 'update' && job.format !== 'update-v2'
    return useDocument(unpackSources(job.sources), gc, ({ doc }) =>
      writeContent(doc, job.format, job.choice, job.maxBytes),
    )
  },

  /** Counts what a document is made of. */
  stats: async (job: { sources: Sources }): Promise<ContentStats> => {
    const { useDocument } = await import('../content/build.ts')
    const { statsOf } = await import('../content/stats.ts')
    return useDocument(unpackSources(job.sources), true, statsOf)
  },

  /** Checks the newest snapshot row and the update rows of a document. */
  verifyRows: async (job: {
    activeSegment: number
    snapshot: { seq: number; throughSegment: number; data: Uint8Array } | null
    rows: PackedRows
  }): Promise<Finding[]> => {
    const { verifyRows } = await import('../content/verify/rows.ts')
    return verifyRows({ ...job, rows: unpackRows(job.rows) })
  },

  /** Checks older snapshot rows against the newest one. */
  verifyOlderSnapshots: async (job: {
    older: readonly { seq: number; isFold: boolean; data: Uint8Array }[]
    newest: { seq: number; data: Uint8Array } | null
  }): Promise<Finding[]> => {
    const { verifyOlderSnapshots } = await import('../content/verify/snapshots.ts')
    return verifyOlderSnapshots(job.older, job.newest)
  },

  /** The sound parts of bad rows for which other rows wait. */
  salvageRows: async (job: {
    snapshot: { seq: number; throughSegment: number; data: Uint8Array } | null
    rows: PackedRows
  }): Promise<Replacement[]> => {
    const { salvageRows } = await import('../content/verify/mend.ts')
    return salvageRows({ ...job, rows: unpackRows(job.rows) })
  },

  /** A snapshot row without the part that nobody uses. */
  mendSnapshot: async (job: { data: Uint8Array }): Promise<Uint8Array> => {
    const { mendSnapshot } = await import('../content/verify/mend.ts')
    return mendSnapshot(job.data)
  },

  /** The document as one Yjs v2 update. */
  version: async (job: { sources: Sources; keepHistory: boolean }): Promise<Version> => {
    const { versionOf } = await import('../content/versions.ts')
    return versionOf(unpackSources(job.sources), job.keepHistory)
  },

  /** The edits that bring a document back to a version (Yjs v2). */
  restore: async (job: {
    current: Sources
    version: Uint8Array
    keepHistory: boolean
  }): Promise<Restoration> => {
    const { restoration } = await import('../content/versions.ts')
    return restoration({ ...job, current: unpackSources(job.current) })
  },

  /** Compares two versions (Yjs v2). */
  diff: async (job: {
    from: Uint8Array
    to: Uint8Array
    bounds: DiffBounds
  }): Promise<ContentDifference> => {
    const { differenceOf } = await import('../content/versions.ts')
    return differenceOf(job)
  },

  /** Content in a format as one Yjs v2 update. */
  readContent: async (job: {
    format: Format
    data: string | Uint8Array
    choice: ReadChoice
    bounds: ContentBounds
  }): Promise<ImportedVersion> => {
    const { versionOfContent } = await import('../content/versions.ts')
    return versionOfContent(job.format, job.data, job.choice, job.bounds)
  },

  /** Judges an update (Yjs v1) that is to be a row. */
  examine: async (job: { update: Uint8Array; maxStructs: number }): Promise<ExaminedRow> => {
    const { examineRow } = await import('../content/examine.ts')
    return examineRow(job.update, job.maxStructs)
  },
}

export type JobName = keyof typeof JOBS
export type JobInput<N extends JobName> = Parameters<(typeof JOBS)[N]>[0]
export type JobOutput<N extends JobName> = Awaited<ReturnType<(typeof JOBS)[N]>>

/** Does a job here. */
export const doJob = <N extends JobName>(name: N, input: JobInput<N>): Promise<JobOutput<N>> =>
  (JOBS[name] as (input: JobInput<N>) => Promise<JobOutput<N>>)(input)
