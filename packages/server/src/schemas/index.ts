import { DELETION, DOC_ID, DOCUMENT_LIST, TITLED } from './documents.ts'
import { STORED_FILE } from './files.ts'
import { APPENDED, FOLDED, HEALTH, OPENAPI, REVOKED, ROLLED, SHAPE_LOG } from './protocol.ts'
import { UPDATE, UPDATE_LIST } from './updates.ts'
import type { Schema } from './values.ts'
import { SNAPSHOT, SNAPSHOT_LIST } from './versions.ts'
import { WRITER, WRITER_LIST } from './writers.ts'

/** The schemas that the OpenAPI document names. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  DocId: DOC_ID,
  DocumentList: DOCUMENT_LIST,
  Deletion: DELETION,
  Titled: TITLED,
  Snapshot: SNAPSHOT,
  SnapshotList: SNAPSHOT_LIST,
  Update: UPDATE,
  UpdateList: UPDATE_LIST,
  Writer: WRITER,
  WriterList: WRITER_LIST,
  File: STORED_FILE,
  Appended: APPENDED,
  Rolled: ROLLED,
  Folded: FOLDED,
  ShapeLog: SHAPE_LOG,
  Revoked: REVOKED,
  Health: HEALTH,
  OpenApi: OPENAPI,
}
