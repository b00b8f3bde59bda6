import { type Limits, RequestError } from '@y-electric/server'
import { type Asker, withDefaults } from '@y-electric/server/extension'
import type pg from 'pg'
import type { Loss } from '../content/losses.ts'
import { type FormattedContent, versionOfFormatted } from './content.ts'
import { createFrom, type FirstRow } from './create.ts'

/** A document that was made of something. */
export interface NewDocument extends FirstRow {
  readonly docId: string
}

/** A document that was made of content in a format. */
export interface ImportedDocument extends NewDocument {
  /** The parts of the content that the document cannot hold; empty if it holds all of them. */
  readonly losses: readonly Loss[]
}

export interface ImportOptions extends FormattedContent {
  /** Whether every fold keeps the content of deleted items. Default: false. */
  readonly keepHistory?: boolean | undefined
  readonly limits?: Partial<Limits> | undefined
  /** On whose behalf, and whether anybody still waits for it. */
  readonly asker?: Asker | undefined
}

/**
 * Makes a document of content in one of the formats, where nothing was ever stored. An `update` is
 * stored as it is, so that exporting it again gives the same document.
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
      `there is a document ${JSON.stringify(docId)} already`,
    )
  }
  return { docId, ...row }
}
