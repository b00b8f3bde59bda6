import { type Sources, sizeOfSources } from '../compaction/sources.ts'
import type { Limits } from '../limits.ts'
import type { Version } from '../store/index.ts'
import { runDocumentJob } from './jobs.ts'

/**
 * The content of a document as one Yjs v2 update, without rows that wait for missing ones.
 * @param keepHistory whether the document keeps the content of deleted items
 */
export const versionOfSources = (
  sources: Sources,
  keepHistory: boolean,
  limits: Limits,
): Promise<Version> =>
  runDocumentJob('version', { sources, keepHistory }, sizeOfSources(sources), limits)
