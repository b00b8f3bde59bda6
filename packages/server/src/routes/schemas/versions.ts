import { MAX_LABEL_LENGTH } from '../../documents/versions.ts'
import { array, integer, nullable, object, ref, TIME, text } from '../json-schema.ts'

/** What is said of a snapshot row. */
export const SNAPSHOT_MEMBERS = {
  seq: integer(),
  kind: {
    type: 'string',
    enum: ['fold', 'kept'],
    description: '`fold`: a part of the state. `kept`: kept by name, to come back to.',
  },
  throughSegment: nullable(integer('The last segment that it holds.')),
  label: nullable({ type: 'string', maxLength: MAX_LABEL_LENGTH }),
  createdBy: nullable(text('Who folded or kept it, where that is known.')),
  bytes: integer(),
  foldedRows: integer('Update rows that it replaced.'),
  foldedBytes: integer(),
  createdAt: TIME,
}

export const SNAPSHOT = object(SNAPSHOT_MEMBERS, 'A snapshot row without its bytes.')

export const SNAPSHOT_LIST = object({ snapshots: array(ref('Snapshot')) })
