import { type Limits, RequestError } from '@y-electric/server'
import { type Asker, type Version, withDefaults } from '@y-electric/server/extension'
import type pg from 'pg'
import * as Y from 'yjs'
import { versionOfDoc } from '../content/bounds.ts'
import type { Loss } from '../content/losses.ts'
import { type FormattedContent, versionOfFormatted } from './content.ts'
import { createFrom } from './create.ts'

/** The first content of a document: written into an empty document, or given in a format. */
export type SeedContent = ((doc: Y.Doc) => void) | FormattedContent

/** Whether this call's content is the one that is stored. */
export interface Seeding {
  readonly seeded: boolean
  /** The seq of its row; null when the document was there already. */
  readonly seq: number | null
  /** The parts of the content that a document cannot hold; empty if it can hold all of them. */
  readonly losses: readonly Loss[]
}

export interface SeedOptions {
  /** Whether every fold keeps the content of deleted items. Default: false. */
  readonly keepHistory?: boolean | undefined
  readonly limits?: Partial<Limits> | undefined
  /** On whose behalf, and whether anybody still waits for it. */
  readonly asker?: Asker | undefined
}

/**
 * Gives a document its first content, once: however many servers and tabs try at the same time, the
 * content of one of them is stored, and only if nothing was ever stored before, not even something
 * that is deleted by now. Everybody has it on their screen at once, those included who opened the
 * document while it was empty.
 *
 * The database decides, so this holds for all that goes through the server. Content that a
 * client puts into its own copy while it is offline is an edit like any other, and comes in addition.
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
  // A function that goes on later would write into a document that nobody stores any more.
  const returned: unknown = doc.transact(() => write(doc))
  if (returned instanceof Promise) {
    throw new RequestError('invalid_content', 'the content must be written before returning')
  }
  const version = versionOfDoc(doc, limits)
  doc.destroy()
  return version
}
