import {
  type PackedRows,
  type Sources,
  unpackRows,
  unpackSources,
} from '@y-electric/server/extension'
import type { ContentBounds } from '../content/bounds.ts'
import { useDocument } from '../content/build.ts'
import type { ContentDifference } from '../content/difference.ts'
import type { Format, ReadChoice, RootChoice } from '../content/formats.ts'
import {
  containsUpdates,
  type Fingerprint,
  type ForeignUpdate,
  fingerprintOf,
  type JoinedDocument,
  joinUpdates,
} from '../content/joined.ts'
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
  versionOfContent,
} from '../content/versions.ts'
import type { DiffBounds } from '../content/words.ts'
import { type Content, type ContentFormat, writeContent } from '../content/write.ts'

/** A document in a format, as the bytes that are sent. */
export interface WrittenContent extends Content {
  readonly body: Uint8Array
}

const inBytes = ({ body, ...content }: Content): WrittenContent => ({
  ...content,
  body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
})

/**
 * The pure jobs that may be too much for the event loop, by name. Everything is imported when the process
 * or the worker starts: a later import that fails once, because no file can be opened, would fail
 * permanently.
 */
export const JOBS = {
  /**
   * Writes a document in a format. The body is always bytes: they are encoded here and transferred, because a long text
   * would block the event loop while it is copied and encoded there.
   */
  inspect: (job: {
    sources: Sources
    format: ContentFormat
    choice: RootChoice
    maxBytes: number
  }): WrittenContent => {
    // An update holds everything that is stored, including deleted content.
    const gc = job.format !== 'update' && job.format !== 'update-v2'
    return useDocument(unpackSources(job.sources), gc, ({ doc }) =>
      inBytes(writeContent(doc, job.format, job.choice, job.maxBytes)),
    )
  },

  /** Counts the parts of a document. */
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

  /** The sound parts of bad rows that other rows wait for. */
  salvageRows: (job: {
    snapshot: { seq: number; throughSegment: number; data: Uint8Array } | null
    rows: PackedRows
  }): Replacement[] => salvageRows({ ...job, rows: unpackRows(job.rows) }),

  /** A snapshot row without its unusable part. */
  mendSnapshot: (job: { data: Uint8Array }): Uint8Array => mendSnapshot(job.data),

  /** The edits that bring a document back to a version (Yjs v2). */
  restore: (job: { current: Sources; version: Uint8Array; keepHistory: boolean }): Restoration =>
    restoration({ ...job, current: unpackSources(job.current) }),

  /** Compares two versions (Yjs v2). */
  diff: (job: { from: Uint8Array; to: Uint8Array; bounds: DiffBounds }): ContentDifference =>
    differenceOf(job),

  /** The updates of a foreign store as one document. */
  joinUpdates: (job: {
    updates: readonly ForeignUpdate[]
    bounds: ContentBounds
  }): JoinedDocument => joinUpdates(job.updates, job.bounds),

  /** The fingerprint of the stored rows, and whether they contain these updates. */
  compareStored: (job: {
    sources: Sources
    updates: readonly ForeignUpdate[]
    bounds: ContentBounds
  }): { fingerprint: Fingerprint; contains: boolean } =>
    useDocument(unpackSources(job.sources), false, ({ doc }) => ({
      fingerprint: fingerprintOf(doc),
      contains: containsUpdates(doc, job.updates, job.bounds),
    })),

  /** Content in a format as one Yjs v2 update. */
  readContent: (job: {
    format: Format
    data: string | Uint8Array
    choice: ReadChoice
    bounds: ContentBounds
  }): ImportedVersion => versionOfContent(job.format, job.data, job.choice, job.bounds),
}
