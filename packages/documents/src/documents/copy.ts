import { type FileStore, type Limits, postgresFiles } from '@y-electric/server'
import {
  type Asker,
  copyWriters,
  inspectLimited,
  requireSources,
  versionOfSources,
  withDefaults,
} from '@y-electric/server/extension'
import type pg from 'pg'
import type { NewDocument } from '../schemas/documents.ts'
import { createFrom } from './create.ts'
import { newDocument } from './import.ts'

/**
 * Copies a document, as of one consistent read, to an id for which nothing was ever stored. The copy has the same edits
 * with the same ids and writers, and is independent from then on. It keeps its history if the original does. Edits that
 * wait for missing edits are not copied, since the missing ones would never reach the copy. The files of the original
 * are copied too, but the content of the copy still refers to them by the addresses of the original.
 * @param options.files the store of files; false: they are not copied. Default: the database
 * @throws {RequestError} `not_found`, `document_exists`, `invalid_doc_id`, `snapshot_too_large`,
 * `document_too_large`, `deleted`
 */
export async function copyDocument(
  pool: pg.Pool,
  from: string,
  to: string,
  options: {
    readonly limits?: Partial<Limits> | undefined
    readonly asker?: Asker | undefined
    readonly files?: FileStore | false | undefined
  } = {},
): Promise<NewDocument> {
  const limits = withDefaults(options.limits ?? {})
  return inspectLimited(pool, options.asker, limits, async (signal) => {
    const { document, sources } = await requireSources(pool, from, undefined, limits, signal)
    const { keepHistory } = document
    const version = await versionOfSources(sources, keepHistory, limits, signal)
    const row = await createFrom(pool, to, version, { keepHistory, limits })
    if (row !== null) {
      await copyWriters(pool, from, to)
      const files = options.files ?? postgresFiles(pool)
      if (files !== false) await files.copyAll(from, to)
    }
    return newDocument(to, row)
  })
}
