export { isDatabaseUnavailable } from './availability.ts'
export { AWARENESS_SHAPE, deleteAwareness, putAwareness, readAwareness } from './awareness.ts'
export { type Compactable, listCompactable } from './compactable.ts'
export {
  type FoldOutcome,
  type FoldRefusal,
  foldSegments,
  type StoredSources,
  type Verdict,
} from './fold.ts'
export { migrate } from './migrations.ts'
export { type RollDue, type RollLimits, rollDue, rollSegment } from './roll.ts'
export { ping, SEGMENT_SHAPE, type SegmentStatus, segmentStatus } from './segments.ts'
export { listSnapshots, readSnapshot, type SnapshotInfo } from './snapshots.ts'
export { readState } from './state.ts'
export { type Appended, appendUpdate } from './updates.ts'
