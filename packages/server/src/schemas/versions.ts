import {
  array,
  choice,
  integer,
  nullable,
  type Output,
  object,
  TIME,
  text,
  textOf,
} from './values.ts'

/** Longest label of a version, in UTF-16 code units. */
export const MAX_LABEL_LENGTH = 200

/** The members that describe a snapshot row. */
export const SNAPSHOT_MEMBERS = {
  seq: integer(),
  kind: choice(
    ['fold', 'kept'],
    '`fold`: a part of the state. `kept`: kept by name, to return to.',
  ),
  throughSegment: nullable(integer('The last segment that it holds; null if it was kept by name.')),
  label: nullable(textOf(0, MAX_LABEL_LENGTH)),
  createdBy: nullable(text('The user who folded or kept it, if known.')),
  bytes: integer(),
  foldedRows: integer('Update rows that it replaced.'),
  foldedBytes: integer(),
  createdAt: TIME,
}

export const SNAPSHOT = object(SNAPSHOT_MEMBERS, 'A snapshot row without its bytes.')

/** A snapshot row without its bytes. */
export type SnapshotInfo = Output<typeof SNAPSHOT>

/** `fold`: written by a fold, a part of the document's state. `kept`: kept by name. */
export type SnapshotKind = SnapshotInfo['kind']

export const SNAPSHOT_LIST = object({ snapshots: array(SNAPSHOT) })

/** The snapshot rows of a document, newest first. */
export type SnapshotList = Output<typeof SNAPSHOT_LIST>
