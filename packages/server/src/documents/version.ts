import { type Sources, sizeOfSources } from '../compaction/sources.ts'
import type { Limits } from '../limits.ts'
import { runDocumentJob } from './jobs.ts'

/**
 * What a document is made of, as one Yjs v2 update. Rows that wait are not in it.
 * @param keepHistory whether the document keeps the content of what is deleted
 */
export const versionOfSources = (
  sources: Sources,
  keepHistory: boolean,
  limits: Limits,
): Promise<Uint8Array> =>
  runDocumentJob('version', { sources, keepHistory }, sizeOfSources(sources), limits)
