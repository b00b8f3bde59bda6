import { type Sources, sizeOfSources } from '../compaction/sources.ts'
import type { Limits } from '../limits.ts'
import { runDocumentJob } from './jobs.ts'

/** What a document is made of, as one Yjs v2 update. Rows that wait are not in it. */
export const versionOfSources = (sources: Sources, limits: Limits): Promise<Uint8Array> =>
  runDocumentJob('version', { sources }, sizeOfSources(sources), limits)
