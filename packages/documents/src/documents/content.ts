import type { Limits } from '@y-electric/server'
import { type Asker, IN_WORKER, inspectLimited } from '@y-electric/server/extension'
import type pg from 'pg'
import { FORMATS, type Format, type ReadChoice } from '../content/formats.ts'
import type { ImportedVersion } from '../content/versions.ts'
import { runDocumentJob } from './jobs.ts'

/** Content in one of the formats. */
export interface FormattedContent extends ReadChoice {
  readonly format: Format
  readonly data: string | Uint8Array
}

/**
 * Converts content in one of the formats to one Yjs v2 update. Also returns the losses.
 * @throws {RequestError} `invalid_content`, `invalid_request` for a format that cannot be read,
 * `document_too_large`
 */
export const versionOfFormatted = (
  pool: pg.Pool,
  { format, data, root, type, lineEnds }: FormattedContent,
  limits: Limits,
  asker: Asker | undefined,
): Promise<ImportedVersion> =>
  inspectLimited(pool, asker, limits, (signal) =>
    runDocumentJob(
      'readContent',
      { format, data, choice: { root, type, lineEnds }, bounds: boundsOf(limits) },
      format === 'update-v2' ? IN_WORKER : data.length * (FORMATS[format].effort.read ?? 1),
      limits,
      { signal },
    ),
  )

/** Only what the worker needs. */
const boundsOf = ({ maxDocumentStructs, maxSnapshotBytes }: Limits) => ({
  maxDocumentStructs,
  maxSnapshotBytes,
})
