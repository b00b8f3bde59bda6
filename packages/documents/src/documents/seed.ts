import { type Limits, RequestError } from '@y-electric/server'
import { type Asker, type Version, withDefaults } from '@y-electric/server/extension'
import type pg from 'pg'
import * as Y from 'yjs'
import { versionOfDoc } from '../content/bounds.ts'
import type { Seeding } from '../schemas/documents.ts'
import { type FormattedContent, versionOfFormatted } from './content.ts'
import { createFrom } from './create.ts'

/** The first content of a document: written into an empty document, or given in a format. */
export type SeedContent = ((doc: Y.Doc) => void) | FormattedContent

export interface SeedOptions {
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
 * Gives a document its first content, once. If several calls are concurrent, only one of them stores its
 * content, and only if nothing was ever stored for the document before, including content that has since
 * been deleted. Every client that has the document open shows the content at once, including clients that
 * opened the document while it was empty.
 *
 * The database enforces this, so it holds for every writer that uses the server. Content that a client
 * writes into its own copy while it is offline is an edit like any other, and is added.
 * @throws {RequestError} `invalid_doc_id`, `invalid_content`, `snapshot_too_large`, `deleted`
 */
export async function seedDocument(
  pool: pg.Pool,
  docId: string,
  content: SeedContent,
  options: SeedOptions = {},
): Promise<Seeding> {
  const limits = withDefaults(options.limits ?? {})
  const { keepHistory = false } = options
  const { version, losses } =
    typeof content === 'function'
      ? { version: written(content, keepHistory, limits), losses: [] }
      : await versionOfFormatted(pool, content, limits, options.asker)
  const row = await createFrom(pool, docId, version, { keepHistory, limits })
  return { seeded: row !== null, seq: row?.seq ?? null, losses }
}

function written(write: (doc: Y.Doc) => void, keepHistory: boolean, limits: Limits): Version {
  const doc = new Y.Doc({ gc: !keepHistory })
  // An asynchronous function would write into the document after it is stored.
  const returned: unknown = doc.transact(() => write(doc))
  if (returned instanceof Promise) {
    throw new RequestError('invalid_content', 'the content must be written before returning')
  }
  const version = versionOfDoc(doc, limits)
  doc.destroy()
  return version
}
