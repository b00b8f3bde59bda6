import { type Limits, RequestError } from '@y-electric/server'
import { type Asker, withDefaults } from '@y-electric/server/extension'
import type pg from 'pg'
import type { ImportedDocument, NewDocument } from '../schemas/documents.ts'
import { type FormattedContent, versionOfFormatted } from './content.ts'
import { createFrom, type FirstRow } from './create.ts'

export interface ImportOptions extends FormattedContent {
  /** Whether every fold keeps the content of deleted items. Default: false. */
  readonly keepHistory?: boolean | undefined
  readonly limits?: Partial<Limits> | undefined
  /**
   * The user or address that makes the request, and a signal that aborts the work when the client stops
   * waiting.
   */
  readonly asker?: Asker | undefined
}

/**
 * Creates a document from content in one of the formats, if nothing was ever stored for it. An `update` is
 * stored unchanged, so that exporting it again gives the same document.
 * @throws {RequestError} `document_exists`, `invalid_doc_id`, `invalid_content`, `invalid_request` for a
 * format that cannot be imported, `snapshot_too_large`,
 * `document_too_large`, `deleted`
 */
export async function importDocument(
  pool: pg.Pool,
  docId: string,
  { limits: given, asker, keepHistory = false, ...content }: ImportOptions,
): Promise<ImportedDocument> {
  const limits = withDefaults(given ?? {})
  const { version, losses } = await versionOfFormatted(pool, content, limits, asker)
  const row = await createFrom(pool, docId, version, { keepHistory, limits })
  return { ...newDocument(docId, row), losses }
}

/** @throws {RequestError} document_exists */
export function newDocument(docId: string, row: FirstRow | null): NewDocument {
  if (row === null) {
    throw new RequestError(
      'document_exists',
      `the document ${JSON.stringify(docId)} already exists`,
    )
  }
  return { docId, ...row }
}
