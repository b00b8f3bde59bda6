import type { JsonSchema } from '../json-schema.ts'
import {
  DELETED_REPORT,
  DELETION,
  DOC_ID,
  DOCUMENT_LIST,
  IMPORTED_DOCUMENT,
  NEW_DOCUMENT,
  SEEDING,
  VERIFY_REPORT,
} from './documents.ts'
import { APPENDED, FOLDED, HEALTH, OPENAPI, REVOKED, ROLLED, SHAPE_LOG } from './protocol.ts'
import { DOCUMENT_STATS } from './stats.ts'
import { CHANGE, DIFFERENCE, RESTORED, SNAPSHOT, SNAPSHOT_LIST, TEXT_PART } from './versions.ts'

/** What answers hold, by the names that the routes call it. */
export const SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  DocId: DOC_ID,
  DocumentList: DOCUMENT_LIST,
  DocumentStats: DOCUMENT_STATS,
  VerifyReport: VERIFY_REPORT,
  DeletedReport: DELETED_REPORT,
  Deletion: DELETION,
  Seeding: SEEDING,
  NewDocument: NEW_DOCUMENT,
  ImportedDocument: IMPORTED_DOCUMENT,
  Snapshot: SNAPSHOT,
  SnapshotList: SNAPSHOT_LIST,
  Difference: DIFFERENCE,
  Change: CHANGE,
  TextPart: TEXT_PART,
  Restored: RESTORED,
  Appended: APPENDED,
  Rolled: ROLLED,
  Folded: FOLDED,
  ShapeLog: SHAPE_LOG,
  Revoked: REVOKED,
  Health: HEALTH,
  OpenApi: OPENAPI,
}
