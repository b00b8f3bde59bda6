import type { Limits } from '@y-electric/server'
import {
  type Asker,
  effortOf,
  inspectLimited,
  type Output,
  requireSources,
  transferableOf,
  withDefaults,
} from '@y-electric/server/extension'
import type pg from 'pg'
import { FORMATS, type Format, type RootChoice } from '../content/formats.ts'
import type { Loss } from '../content/losses.ts'
import type { DOCUMENT_STATS } from '../schemas/stats.ts'
import { runDocumentJob } from './jobs.ts'
import { documentStats } from './stats.ts'

export interface InspectOptions extends RootChoice {
  readonly format: Format
  /** The seq of a snapshot row: the document as it was then. */
  readonly at?: number | undefined
  readonly limits?: Partial<Limits> | undefined
  /** The user or address that asks, and the signal that it no longer waits. */
  readonly asker?: Asker | undefined
}

/** A document in one format. */
export interface Inspection {
  readonly mediaType: string
  readonly body: string | Uint8Array
  /** The parts of the document that the body cannot express; empty if it expresses all of them. */
  readonly losses: readonly Loss[]
}

/**
 * A document built from its stored rows, in one of the formats. Rows that cannot be read are left
 * out; `stats` counts them. Nothing is kept in memory afterwards.
 * @throws {RequestError} `not_found`, `deleted`, `root_unknown`, `corrupt`, `document_too_large`,
 * `export_too_large`
 */
export async function inspectDocument(
  pool: pg.Pool,
  docId: string,
  { format, root, type, at, limits: given = {}, asker }: InspectOptions,
): Promise<Inspection> {
  if (format === 'stats') {
    const stats = await documentStats(pool, docId, { at, limits: given, asker })
    return {
      mediaType: FORMATS.stats.mediaType,
      body: JSON.stringify(stats satisfies Output<typeof DOCUMENT_STATS>),
      losses: [],
    }
  }
  const limits = withDefaults(given)
  return inspectLimited(pool, asker, limits, async (signal) => {
    const { sources } = await requireSources(pool, docId, at, limits, signal)
    const choice = { root, type }
    const job = { sources, format, choice, maxBytes: limits.maxExportBytes }
    const effort = FORMATS[format].effort.write
    return runDocumentJob('inspect', job, effortOf(sources) * effort, limits, {
      signal,
      transfer: transferableOf(sources),
    })
  })
}
