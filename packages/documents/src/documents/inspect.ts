import { type Limits, RequestError } from '@y-electric/server'
import {
  type Asker,
  effortOf,
  IN_WORKER,
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
  /** The user or address that makes the request, and a signal that aborts the work when the client stops waiting. */
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
  options: InspectOptions,
): Promise<Inspection> {
  const inspection = await inspectInBytes(pool, docId, options)
  const isText = options.format !== 'update' && options.format !== 'update-v2'
  return isText
    ? { ...inspection, body: new TextDecoder('utf-8', { ignoreBOM: true }).decode(inspection.body) }
    : inspection
}

/** Like `inspectDocument`, but the body is bytes in every format. */
export async function inspectInBytes(
  pool: pg.Pool,
  docId: string,
  { format, root, type, at, limits: given = {}, asker }: InspectOptions,
): Promise<Inspection & { readonly body: Uint8Array }> {
  if (format === 'stats') {
    const stats = await documentStats(pool, docId, { at, limits: given, asker })
    const text = JSON.stringify(stats satisfies Output<typeof DOCUMENT_STATS>)
    return { mediaType: FORMATS.stats.mediaType, body: new TextEncoder().encode(text), losses: [] }
  }
  const limits = withDefaults(given)
  return inspectLimited(pool, asker, limits, async (signal) => {
    const { sources } = await requireSources(pool, docId, at, limits, signal)
    const job = { sources, format, choice: { root, type }, maxBytes: limits.maxExportBytes }
    const effort = effortOf(sources) * FORMATS[format].effort.write
    const options = { signal, transfer: transferableOf(sources) }
    const inlineBytes = Math.min(job.maxBytes, limits.inspectInlineBytes * MAX_GROWTH)
    if (effort <= limits.inspectInlineBytes && inlineBytes < job.maxBytes) {
      try {
        const small = { ...job, maxBytes: inlineBytes }
        return await runDocumentJob('inspect', small, effort, limits)
      } catch (error) {
        if (!isTooLarge(error)) throw error
      }
      return runDocumentJob('inspect', job, IN_WORKER, limits, options)
    }
    return runDocumentJob('inspect', job, effort, limits, options)
  })
}

/**
 * A body that is written on the event loop may be this many times larger than `inspectInlineBytes`. A few kilobytes
 * may become many megabytes, because one large format applies to each run of a text.
 */
const MAX_GROWTH = 8

const isTooLarge = (error: unknown): boolean =>
  error instanceof RequestError && error.code === 'export_too_large'
