import { DELETION_PROOF, type NamedSchemas } from '@y-electric/server/extension'
import { IMPORTED_DOCUMENT, NEW_DOCUMENT, SEEDING, VERIFY_REPORT } from './documents.ts'
import { DOCUMENT_STATS } from './stats.ts'
import { CHANGE, DIFFERENCE, RESTORED, TEXT_PART } from './versions.ts'

/** The schemas that the OpenAPI document names. */
export const SCHEMAS: NamedSchemas = {
  DocumentStats: DOCUMENT_STATS,
  VerifyReport: VERIFY_REPORT,
  DeletedReport: DELETION_PROOF,
  Seeding: SEEDING,
  NewDocument: NEW_DOCUMENT,
  ImportedDocument: IMPORTED_DOCUMENT,
  Difference: DIFFERENCE,
  Change: CHANGE,
  TextPart: TEXT_PART,
  Restored: RESTORED,
}
