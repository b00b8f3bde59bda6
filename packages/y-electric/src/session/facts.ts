import { earliest, isSaved, providerStatus } from '../core/status.ts'
import type { Clock } from '../io/clock.ts'
import type { Local } from './local.ts'
import type { SessionFacts } from './options.ts'
import type { Reader } from './reader.ts'
import type { Reconciler } from './reconciler.ts'
import type { Writer } from './writer.ts'

export interface FactSources {
  readonly clock: Clock
  readonly reader: Reader
  readonly writer: Writer
  readonly reconciler: Reconciler
  readonly local: Local | null
  /** What this device kept is being read. */
  readonly isLoading: boolean
}

/** When the oldest waiting request was made, of those that the server answers at once; null if none waits. */
export const awaitedSince = ({ reader, writer }: Pick<FactSources, 'reader' | 'writer'>) =>
  earliest([reader.askingSince, writer.postingSince])

/** What is true of a session, put together of what its parts know. */
export function factsOf({
  clock,
  reader,
  writer,
  reconciler,
  local,
  isLoading,
}: FactSources): SessionFacts {
  const { outbox } = writer
  const elsewhere = reconciler.unsavedSince
  const unsavedSince = earliest([writer.unackedSince, elsewhere])
  const answers = { awaitedSince: awaitedSince({ reader, writer }), now: clock.now() }
  return {
    status: providerStatus(reader.connection, outbox, reader.refusal ?? writer.refusal, answers),
    synced: reader.isSynced,
    saved: isSaved(outbox, elsewhere === null) && !isLoading,
    unsavedSince,
    lastSavedAt: writer.lastSavedAt,
    stored: local?.isStored ?? false,
    readOnly: writer.isReadOnly,
    refusedBatch: writer.refused,
    // Of two errors the one that the status is about.
    error: reader.refusal === null ? (writer.error ?? reader.error) : reader.error,
  }
}
