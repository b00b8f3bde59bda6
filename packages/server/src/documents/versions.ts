import type pg from 'pg'
import { RequestError } from '../errors.ts'
import { type Limits, withDefaults } from '../limits.ts'
import { MAX_LABEL_LENGTH, type SnapshotInfo } from '../schemas/versions.ts'
import {
  findSnapshot,
  insertKept,
  pruneSnapshots,
  readVersion,
  setLabel,
  type Version,
} from '../store/index.ts'
import { type Asker, inspectLimited } from '../work/limiter.ts'
import { nothingStored, requireFits } from './checks.ts'
import { requireSources } from './sources.ts'
import { versionOfSources } from './version.ts'

export interface KeepOptions {
  /** 1 to 200 characters. Versions may share a label. */
  readonly label: string
  readonly createdBy?: string | null | undefined
  /** The seq of a snapshot row: keeps the document as it was then instead of as it is now. */
  readonly at?: number | undefined
  readonly limits?: Partial<Limits> | undefined
  /** The user or address that asks, and the signal that it no longer waits. */
  readonly asker?: Asker | undefined
}

/**
 * Keeps a version of the document by name, until the name is removed: the document as it is now, in one
 * consistent read, or, with `at`, an older version that still exists. That row gets the label or, if it
 * already has one, a copy of the row does. No version holds rows that wait for edits which are not stored.
 * @throws {RequestError} `not_found`, `invalid_request` for the label, `snapshot_too_large`, `deleted`
 */
export async function keepSnapshot(
  pool: pg.Pool,
  docId: string,
  { label, createdBy = null, at, limits: given, asker }: KeepOptions,
): Promise<SnapshotInfo> {
  requireLabel(label)
  const limits = withDefaults(given ?? {})
  const older = at === undefined ? null : await requireSnapshot(pool, docId, at)
  if (older !== null && older.label === null) return labelSnapshot(pool, docId, older.seq, label)
  const seq = await inspectLimited(pool, asker, limits, async (signal) => {
    const version = await versionAt(pool, docId, at, limits, signal)
    requireFits(version.data, limits.maxSnapshotBytes)
    const createdAt = older?.createdAt ?? null
    return insertKept(pool, docId, { ...version, label, createdBy, createdAt })
  })
  if (seq === null) throw nothingStored()
  await pruneSnapshots(pool, docId, limits)
  return requireSnapshot(pool, docId, seq)
}

/**
 * Gives a snapshot row a label, so that it is kept, or removes the label: then retention applies to it again.
 * @throws {RequestError} `not_found`, `invalid_request` for the label, `deleted`
 */
export async function labelSnapshot(
  pool: pg.Pool,
  docId: string,
  seq: number,
  label: string | null,
): Promise<SnapshotInfo> {
  if (label !== null) requireLabel(label)
  const labelled = await setLabel(pool, docId, seq, label)
  if (labelled === null) throw noSnapshot(seq)
  return labelled
}

/** The document at that snapshot row, or as it is now, as one Yjs v2 update. */
export async function versionAt(
  pool: pg.Pool,
  docId: string,
  at: number | undefined,
  limits: Limits,
  signal: AbortSignal,
): Promise<Version> {
  if (at !== undefined) return requireVersion(pool, docId, at, signal)
  const { document, sources } = await requireSources(pool, docId, undefined, limits, signal)
  return versionOfSources(sources, document.keepHistory, limits, signal)
}

/** A snapshot row as a version. @throws {RequestError} `not_found`, `deleted` */
export async function requireVersion(
  pool: pg.Pool,
  docId: string,
  seq: number,
  signal?: AbortSignal,
): Promise<Version> {
  const version = await readVersion(pool, docId, seq, signal)
  if (version === null) throw noSnapshot(seq)
  return version
}

/** A snapshot row without its bytes. @throws {RequestError} `not_found`, `deleted` */
export async function requireSnapshot(
  pool: pg.Pool,
  docId: string,
  seq: number,
): Promise<SnapshotInfo> {
  const found = await findSnapshot(pool, docId, seq)
  if (found === null) throw noSnapshot(seq)
  return found
}

const noSnapshot = (seq: number): RequestError =>
  new RequestError('not_found', `there is no snapshot row ${seq} of this document`)

function requireLabel(label: string): void {
  const isGood = label.trim() !== '' && label.length <= MAX_LABEL_LENGTH && !label.includes('\0')
  if (isGood) return
  throw new RequestError('invalid_request', `a label has 1 to ${MAX_LABEL_LENGTH} characters`)
}
