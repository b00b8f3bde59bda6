/** The facts of a session: pure selectors of the ledger's state. */
import type { ElectricProviderError } from '../../errors.ts'
import { type OutboxState, unackedSince } from '../outbox.ts'
import {
  earliest,
  isAtRisk,
  isSaved,
  type ProviderStatus,
  providerStatus,
  type Refusal,
  refusalOfStatus,
} from '../status.ts'
import { hasUnsent, heardSince } from '../unsent-of-others.ts'
import type { LedgerState, Reading, Writing } from './state.ts'

/** Edits that the server does not accept. They, and those made after them, stay until it does. */
export interface RefusedBatch {
  readonly batchId: string
  /** The edits, as one Yjs v1 update. */
  readonly update: Uint8Array
  /** Why; its `batchId` is the same. */
  readonly error: ElectricProviderError
}

/** The facts of a provider at one moment. */
export interface ProviderFacts {
  readonly status: ProviderStatus
  readonly synced: boolean
  readonly saved: boolean
  /** When the oldest edit that is not saved was made; null when none is known. */
  readonly unsavedSince: number | null
  /** When the last batch was acked. */
  readonly lastSavedAt: number | null
  /** Everything that this client has is on this device. */
  readonly stored: boolean
  /** The server accepts no edits from this client. */
  readonly readOnly: boolean
  readonly refusedBatch: RefusedBatch | null
  readonly error: ElectricProviderError | null
}

/** The facts of the state at this time, frozen. */
export function factsOf(state: LedgerState, now: number): ProviderFacts {
  const { reading, writing, device } = state
  const { outbox } = writing
  const answers = { awaitedSince: awaitedSince(state), now }
  const refusal = readRefusal(state) ?? writeRefusal(state)
  return Object.freeze({
    status: providerStatus(reading.connection, outbox, refusal, answers),
    synced: reading.isSynced,
    saved: isAllSaved(state),
    unsavedSince: earliest([ownUnsavedSince(state), ...heardSince(state.others)]),
    lastSavedAt: writing.lastSavedAt,
    stored: device.type === 'open' && device.stored.all,
    readOnly: writing.isReadOnly,
    refusedBatch: refusedBatch(state),
    // Of two errors the one that the status is about.
    error: readRefusal(state) === null ? (writing.error ?? reading.error) : reading.error,
  })
}

/**
 * True if the facts of `now` may differ from those of `before` at the same time. Cheap, since it is asked after
 * every keystroke; an edit after the first that waits changes no fact.
 */
export function mayFactsDiffer(before: LedgerState, now: LedgerState): boolean {
  if (before === now) return false
  const [was, is] = [before.writing, now.writing]
  return (
    before.doubt !== now.doubt ||
    before.others !== now.others ||
    before.device !== now.device ||
    (before.reading !== now.reading && mayReadingDiffer(before.reading, now.reading)) ||
    (was !== is && (mayOutboxDiffer(was.outbox, is.outbox) || mayWritingDiffer(was, is)))
  )
}

const mayReadingDiffer = (was: Reading, is: Reading): boolean =>
  was.connection !== is.connection ||
  was.isSynced !== is.isSynced ||
  was.error !== is.error ||
  was.asking !== is.asking

const mayOutboxDiffer = (was: OutboxState, is: OutboxState): boolean =>
  was.phase !== is.phase ||
  was.failures !== is.failures ||
  was.batches !== is.batches ||
  was.editsMadeAt !== is.editsMadeAt

const mayWritingDiffer = (was: Writing, is: Writing): boolean =>
  was.posting !== is.posting ||
  was.error !== is.error ||
  was.isReadOnly !== is.isReadOnly ||
  was.lastSavedAt !== is.lastSavedAt

/** The facts before if they are equal to the facts now, so that their identity tells whether one changed. */
export function keepIfEqual(before: ProviderFacts, now: ProviderFacts): ProviderFacts {
  const names = Object.keys(now) as (keyof ProviderFacts)[]
  return names.every((name) => isSameFact(before[name], now[name])) ? before : now
}

/** True if the server has all that this document has, edits that other tabs send included (SYNC-1). */
const isAllSaved = ({ writing, doubt, others, device }: LedgerState): boolean =>
  isSaved(writing.outbox, doubt.type === 'none' && !hasUnsent(others)) && device.type !== 'loading'

/** When the oldest waiting request was made, of those that the server answers at once; null if none waits. */
export function awaitedSince({ reading, writing }: LedgerState): number | null {
  const { asking } = reading
  const { posting } = writing
  return earliest([
    asking.type === 'asking' ? asking.since : null,
    posting.type === 'posting' ? posting.since : null,
  ])
}

/**
 * True if closing the page would lose an edit of this tab: it is neither on the server nor on this device.
 * Edits owned by another tab are that tab's to warn about.
 */
export const isLossAtRisk = (state: LedgerState): boolean =>
  isAtRisk(ownUnsavedSince(state), state.device.type === 'open' && state.device.stored.edits)

/** The batch that the server refused; null also while the server only asks for authentication. */
export function refusedBatch(state: LedgerState): RefusedBatch | null {
  const { outbox, error } = state.writing
  const [batch] = outbox.batches
  if (writeRefusal(state) !== 'refused' || batch === undefined || error === null) return null
  return Object.freeze({ batchId: batch.batchId, update: batch.update, error })
}

const readRefusal = ({ reading }: LedgerState): Refusal =>
  reading.connection.phase === 'stopped' ? refusalOfStatus(reading.error?.status) : null

const writeRefusal = ({ writing }: LedgerState): Refusal =>
  writing.outbox.phase === 'blocked' ? refusalOfStatus(writing.error?.status) : null

const ownUnsavedSince = ({ writing, doubt }: LedgerState): number | null =>
  earliest([unackedSince(writing.outbox), doubt.type === 'doubted' ? doubt.since : null])

function isSameFact(
  before: ProviderFacts[keyof ProviderFacts],
  now: ProviderFacts[keyof ProviderFacts],
): boolean {
  if (before === now) return true
  return (
    isRefusedBatch(before) &&
    isRefusedBatch(now) &&
    before.update === now.update &&
    before.error === now.error
  )
}

const isRefusedBatch = (fact: ProviderFacts[keyof ProviderFacts]): fact is RefusedBatch =>
  typeof fact === 'object' && fact !== null && 'update' in fact
