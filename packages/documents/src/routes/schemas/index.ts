import type { JsonSchema } from '@y-electric/server/extension'
import {
  DELETED_REPORT,
  IMPORTED_DOCUMENT,
  NEW_DOCUMENT,
  SEEDING,
  VERIFY_REPORT,
} from './documents.ts'
import { DOCUMENT_STATS } from './stats.ts'
import { CHANGE, DIFFERENCE, RESTORED, TEXT_PART } from './versions.ts'

/** What answers hold, by the names that the routes call it. */
export const SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  DocumentStats: DOCUMENT_STATS,
  VerifyReport: VERIFY_REPORT,
  DeletedReport: DELETED_REPORT,
  Seeding: SEEDING,
  NewDocument: NEW_DOCUMENT,
  ImportedDocument: IMPORTED_DOCUMENT,
  Difference: DIFFERENCE,
  Change: CHANGE,
  TextPart: TEXT_PART,
  Restored: RESTORED,
}
