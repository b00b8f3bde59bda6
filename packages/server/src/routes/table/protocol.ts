import {
  FOLD_MEDIA_TYPE,
  SNAPSHOT_MEDIA_TYPE,
  STATE_MEDIA_TYPE,
  UPDATE_MEDIA_TYPE,
} from 'y-electric/protocol'
import { APPENDED, FOLDED, ROLLED } from '../../schemas/protocol.ts'
import { UPDATE_LIST } from '../../schemas/updates.ts'
import { SNAPSHOT_LIST } from '../../schemas/versions.ts'
import { MAX_JSON_BYTES } from '../body.ts'
import { bytes, json, type Route } from '../description.ts'
import { postFold } from '../folds.ts'
import { BACKLOG, getSegment, postSegment, ROLL_BODY, SEGMENT } from '../segments.ts'
import { getSnapshot, getSnapshots, SEQ } from '../snapshots.ts'
import { getState, JOIN, KNOWN_SNAPSHOT } from '../state.ts'
import { isStoredBatch, makingRoom, storing } from '../storing.ts'
import { AFTER_SEQ, getUpdates, UPDATES_LIMIT } from '../update-list.ts'
import { BATCH_ID, HISTORY, postUpdate } from '../updates.ts'
import { WRITER_CLIENT, WRITER_NAME } from '../writers.ts'
import { SHAPE_ANSWERS, SHAPE_ERRORS, SHAPE_PARAMETERS } from './shape.ts'

/** The protocol of providers: write, join, follow, compact. */
export const PROTOCOL_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/docs/:docId/updates',
    name: 'appendUpdate',
    isUrgent: true,
    answerSize: 'small',
    action: 'write',
    summary: 'Append one update',
    description:
      'A 2xx means that the row is committed. A retry with the same key does not store a second row.',
    parameters: [BATCH_ID, HISTORY, WRITER_CLIENT, WRITER_NAME],
    body: {
      description: 'A Yjs v1 update.',
      contents: bytes(UPDATE_MEDIA_TYPE),
      maxBytes: 'maxUpdateBytes',
    },
    answers: [
      { status: 201, description: 'The row is committed.', contents: json(APPENDED) },
      { status: 200, description: 'It was committed before.', contents: json(APPENDED) },
    ],
    errors: [
      'invalid_request',
      'invalid_batch_id',
      'invalid_update',
      'empty_update',
      'unsupported_yjs',
      'deleted',
      'update_too_large',
      'update_too_complex',
    ],
    handler: storing({ rows: 1 }, postUpdate, isStoredBatch),
  },
  {
    method: 'GET',
    path: '/docs/:docId/updates',
    name: 'listUpdates',
    action: 'read',
    summary: 'List the stored update rows, by seq',
    description:
      'Without their bytes, which `readState` and `followSegment` have. Folded rows are not in the list: a snapshot row contains them. A row may appear before one with a smaller seq, because writers commit concurrently.',
    parameters: [AFTER_SEQ, UPDATES_LIMIT],
    answers: [{ status: 200, description: 'A page.', contents: json(UPDATE_LIST) }],
    errors: ['invalid_request', 'deleted'],
    compressed: true,
    handler: getUpdates,
  },
  {
    method: 'GET',
    path: '/docs/:docId/state',
    name: 'readState',
    answerSize: 'counted',
    action: 'read',
    summary: 'Read everything stored for a document, in one consistent read',
    description:
      'The newest snapshot row, every update row after it, and the number of the active segment, as binary frames. A document that nobody has written is empty. If the document keeps its history, the media type has the parameter `history=keep`: folds must not collect garbage.',
    parameters: [KNOWN_SNAPSHOT, JOIN],
    answers: [
      {
        status: 200,
        description: 'The state.',
        contents: bytes(STATE_MEDIA_TYPE),
        headers: ['etag'],
      },
      { status: 304, description: 'Nothing new since `If-None-Match`.', contents: [] },
    ],
    errors: ['invalid_request', 'deleted', 'document_too_large'],
    compressed: true,
    handler: getState,
  },
  {
    method: 'GET',
    path: '/docs/:docId/segments/:segment',
    name: 'followSegment',
    answerSize: 'counted',
    action: 'read',
    summary: 'Follow the update rows of one segment',
    description:
      'In a stream of events the server adds comments `: y-electric segment=<active segment> seq=<newest sequence numbers of this segment>`, at its beginning and when they change. If a reader misses one of those rows for some seconds, its stream is broken. Electric clients ignore comments.',
    parameters: [SEGMENT, BACKLOG, ...SHAPE_PARAMETERS],
    answers: SHAPE_ANSWERS,
    errors: ['invalid_request', 'segment_not_opened', 'segment_folded', ...SHAPE_ERRORS],
    compressed: true,
    isStream: true,
    handler: getSegment,
  },
  {
    method: 'POST',
    path: '/docs/:docId/segments',
    name: 'rollSegment',
    answerSize: 'small',
    action: 'write',
    summary: 'Seal the active segment and open the next',
    parameters: [],
    body: {
      description: 'The number of the segment that the client believes to be active.',
      contents: json(ROLL_BODY),
      maxBytes: MAX_JSON_BYTES,
    },
    answers: [{ status: 201, description: 'The segment is sealed.', contents: json(ROLLED) }],
    errors: ['invalid_request', 'segment_conflict', 'segment_not_due', 'deleted'],
    handler: postSegment,
  },
  {
    method: 'POST',
    path: '/docs/:docId/folds',
    name: 'foldSegments',
    answerSize: 'small',
    action: 'write',
    summary: 'Replace sealed segments by one snapshot row',
    description:
      'Replaces all sealed segments up to the named one by the snapshot row in the body, if it equals the document that they make. A refused fold changes nothing.',
    parameters: [],
    body: {
      description:
        'The number of a sealed segment, and a Yjs v2 update of the document up to that segment.',
      contents: bytes(FOLD_MEDIA_TYPE),
      maxBytes: 'maxSnapshotBytes',
    },
    answers: [{ status: 201, description: 'The segments are folded.', contents: json(FOLDED) }],
    errors: [
      'invalid_request',
      'segment_not_sealed',
      'segment_already_folded',
      'compaction_busy',
      'deleted',
      'snapshot_too_large',
      'document_too_large',
      'snapshot_differs',
      'corrupt',
    ],
    handler: makingRoom(postFold),
  },
  {
    method: 'GET',
    path: '/docs/:docId/snapshots',
    name: 'listSnapshots',
    action: 'read',
    summary: 'List the stored snapshot rows, newest first',
    parameters: [],
    answers: [{ status: 200, description: 'The snapshot rows.', contents: json(SNAPSHOT_LIST) }],
    errors: ['deleted'],
    handler: getSnapshots,
  },
  {
    method: 'GET',
    path: '/docs/:docId/snapshots/:seq',
    name: 'readSnapshot',
    answerSize: 'counted',
    action: 'read',
    summary: 'Read the bytes of one snapshot row',
    parameters: [SEQ],
    answers: [
      { status: 200, description: 'A Yjs v2 update.', contents: bytes(SNAPSHOT_MEDIA_TYPE) },
    ],
    errors: ['not_found', 'deleted'],
    handler: getSnapshot,
  },
]
