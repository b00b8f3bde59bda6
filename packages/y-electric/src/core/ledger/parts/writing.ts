/** The sending side: the outbox and what surrounds it. */
import { MAX_UPDATE_STRUCTS } from '../../../protocol/limits.ts'
import { cutUpdates } from '../../../protocol/update-encoding.ts'
import {
  type Batch,
  type OutboxCommand,
  type OutboxEvent,
  outboxStep,
  unackedIds,
  unackedSince,
} from '../../outbox.ts'
import { forbidsWriting } from '../../status.ts'
import type { WriterEvent } from '../events.ts'
import type { PostedBy, Writing } from '../state.ts'
import {
  emit,
  isWithTabs,
  type LedgerContext,
  record,
  settle,
  setWriting,
  spread,
  type Work,
} from '../work.ts'

type Answer<Type extends WriterEvent['type']> = Extract<WriterEvent, { type: Type }>

/** Takes an edit into the outbox. It is sent at the end of this task. */
export function takeEdit(work: Work, update: Uint8Array): void {
  const { now, freshId } = work.context
  const { nextBatchId } = work.state.writing.outbox
  const batchId = nextBatchId ?? freshId()
  step(work, { type: 'edited', update, freshId: batchId, at: now })
  spread(work, { update, batchId, madeAt: now })
  emit(work, { to: 'writer', type: 'flush-soon' })
}

/**
 * Takes over the outbox of a page that has ended. Batches that it had not cut may be too large for one
 * batch.
 */
export function restoreBatches(work: Work, left: readonly Batch[]): void {
  const { now } = work.context
  const cut = cutter(work)
  const batches = left.flatMap(({ batchId, update, madeAt }) =>
    cut([update], batchId, madeAt ?? now),
  )
  const earlier = batches.map(({ batchId }): [string, PostedBy] => [batchId, 'earlier-page'])
  setWriting(work, { unanswered: new Map([...work.state.writing.unanswered, ...earlier]) })
  step(work, { type: 'restored', batches, at: now })
  flush(work)
}

/** Replaces everything that waits by this update, or by nothing if it is null. */
export function replaceAll(work: Work, update: Uint8Array | null): void {
  const { context } = work
  const { outbox } = work.state.writing
  const at = unackedSince(outbox) ?? context.now
  const replaced = unackedIds(outbox)
  const batches = update === null ? [] : piecesOf([update], context.freshId(), at, context)
  stopPosting(work)
  setWriting(work, { error: null, unanswered: new Map() })
  step(work, { type: 'replaced', batches, at })
  for (const batchId of replaced) settle(work, batchId)
  for (const batch of batches) spread(work, batch)
  flush(work)
}

/** Posts nothing new until `releaseWriter`; posted batches are retried until they are answered. */
export function holdWriter(work: Work): void {
  if (work.state.writing.hold.type === 'none') setWriting(work, { hold: { type: 'holding' } })
}

export function releaseWriter(work: Work): void {
  const { hold } = work.state.writing
  setWriting(work, { hold: { type: 'none' } })
  if (hold.type === 'holding-back') send(work, hold.batch)
}

export function openWriting(work: Work): void {
  step(work, { type: 'open' })
  emit(work, { to: 'writer', type: 'hasten' })
}

export function closeWriting(work: Work): void {
  stopPosting(work)
  step(work, { type: 'close' })
}

/** The permission to write may have changed. */
export function forgetReadOnly(work: Work): void {
  setWriting(work, { isReadOnly: false })
}

export function flush(work: Work): void {
  step(work, { type: 'flush' })
}

export function retryWrite(work: Work): void {
  step(work, { type: 'retry' })
}

/**
 * @returns true if the server already had a batch with this id that this client does not know of
 */
export function writeAcked(work: Work, { batch, isRepeat }: Answer<'acked'>): boolean {
  const { posting, unanswered, hold } = work.state.writing
  const isUnderWay = isPosted(work, batch)
  const isFirst = isUnderWay && posting.type === 'posting' && posting.isFirst
  const isHeldBack = hold.type === 'holding-back' && hold.batch.batchId === batch.batchId
  setWriting(work, {
    posting: isUnderWay ? { type: 'none' } : posting,
    hold: isHeldBack ? { type: 'holding' } : hold,
    unanswered: without(unanswered, batch.batchId),
    error: null,
    isReadOnly: false,
    lastSavedAt: work.context.now,
  })
  step(work, { type: 'acked', batchId: batch.batchId })
  return isRepeat && isFirst
}

/** An answer for a post that was given up tells nothing: its batch is posted again. */
export function writeFailed(
  work: Work,
  { type, batch, error }: Answer<'write-failed' | 'write-refused'>,
): void {
  if (!isPosted(work, batch)) return
  const { isReadOnly, unanswered } = work.state.writing
  const isRefused = type === 'write-refused'
  setWriting(work, {
    posting: { type: 'none' },
    // Batches behind a refused batch are not sent.
    unanswered: isRefused ? new Map() : unanswered,
    error,
    isReadOnly: isReadOnly || forbidsWriting(error.status),
  })
  step(work, { type: isRefused ? 'refused' : 'failed', batchId: batch.batchId })
  emit(work, { to: 'app', type: 'report', error, side: 'write' })
}

const isPosted = ({ state }: Work, { batchId }: Batch): boolean =>
  state.writing.posting.type === 'posting' && state.writing.outbox.batches[0]?.batchId === batchId

/** Cancels the post or the wait that is in progress. Its batch stays in the outbox. */
function stopPosting(work: Work): void {
  const { hold } = work.state.writing
  emit(work, { to: 'writer', type: 'stop' })
  setWriting(work, {
    posting: { type: 'none' },
    hold: hold.type === 'none' ? hold : { type: 'holding' },
  })
}

function step(work: Work, event: OutboxEvent): void {
  const { outbox } = work.state.writing
  const { state, command } = outboxStep(outbox, event, cutter(work))
  if (state !== outbox) setWriting(work, { outbox: state })
  if (command !== null) run(work, command)
}

function run(work: Work, command: OutboxCommand): void {
  const { error } = work.state.writing
  if (command.type === 'send') send(work, command.batch)
  else {
    const retryAfterMs = error?.retryAfterMs
    emit(work, { to: 'writer', type: 'wait', failures: command.failures, retryAfterMs })
  }
}

function send(work: Work, batch: Batch): void {
  const { hold, unanswered } = work.state.writing
  if (hold.type !== 'none' && unanswered.size === 0) {
    setWriting(work, { hold: { type: 'holding-back', batch } })
    return
  }
  const { batchId, update } = batch
  const isFirst = unanswered.get(batchId) !== 'this-page'
  setWriting(work, {
    unanswered: new Map(unanswered).set(batchId, 'this-page'),
    posting: { type: 'posting', since: work.context.now, isFirst },
  } satisfies Partial<Writing>)
  if (isWithTabs(work.state)) emit(work, { to: 'tabs', type: 'cut', batchId, update })
  emit(work, { to: 'writer', type: 'send', batch })
}

/**
 * Cuts edits into batches. Several batches get new ids: if one were sent under the id under which
 * the edits gathered, a page that comes back after a crash could cut differently, and be told that
 * its different batch is already stored.
 */
function cutter(work: Work) {
  return (edits: readonly Uint8Array[], batchId: string, madeAt: number): Required<Batch>[] => {
    const batches = piecesOf(edits, batchId, madeAt, work.context)
    if (batches.length <= 1) return batches
    record(work, { type: 'split', batchId, batches })
    if (!isWithTabs(work.state)) return batches
    for (const piece of batches)
      emit(work, { to: 'tabs', type: 'cut', batchId: piece.batchId, update: piece.update })
    emit(work, { to: 'tabs', type: 'settled', batchId })
    return batches
  }
}

function piecesOf(
  edits: readonly Uint8Array[],
  batchId: string,
  madeAt: number,
  { maxUpdateBytes, freshId }: LedgerContext,
): Required<Batch>[] {
  const updates = cutUpdates(edits, maxUpdateBytes, MAX_UPDATE_STRUCTS)
  if (updates.length === 1) return updates.map((update) => ({ batchId, update, madeAt }))
  return updates.map((update) => ({ batchId: freshId(), update, madeAt }))
}

function without(unanswered: Writing['unanswered'], batchId: string): Writing['unanswered'] {
  const left = new Map(unanswered)
  left.delete(batchId)
  return left
}
