import { effortOf, type Sources, transferableOf } from '../compaction/sources.ts'
import type { Limits } from '../limits.ts'
import type { Version } from '../store/index.ts'
import { serverWorkers } from '../work/run.ts'
import { runDocumentJob } from './jobs.ts'

/**
 * The content of a document as one Yjs v2 update, without rows that wait for missing ones.
 * The large buffers of the sources are gone afterwards.
 * @param keepHistory whether the document keeps the content of deleted items
 */
export const versionOfSources = (
  sources: Sources,
  keepHistory: boolean,
  limits: Limits,
  signal: AbortSignal,
): Promise<Version> =>
  runDocumentJob(serverWorkers, 'version', { sources, keepHistory }, effortOf(sources), limits, {
    signal,
    transfer: transferableOf(sources),
  })
