/**
 * The rules of SPEC.md that a client can check by itself, as assertions about each step. They run in production
 * too: a failed one is reported, and the client compares with state again.
 */
import type { OutboxState } from '../outbox.ts'
import { hasUnsent } from '../unsent-of-others.ts'
import type { LedgerEvent } from './events.ts'
import type { LedgerState } from './state.ts'

/**
 * Checks the step that led from `before` to `after`. Parts of the state that the step did not touch are not
 * checked again, so that a step costs the same however many edits wait.
 * @returns the rule that does not hold, as a sentence; null if all hold
 */
export function assertLedger(
  before: LedgerState,
  event: LedgerEvent,
  after: LedgerState,
): string | null {
  if (before === after) return null
  return (
    outboxProblem(before.writing.outbox, event, after.writing.outbox) ??
    writingProblem(after) ??
    readingProblem(after) ??
    resumeProblem(after) ??
    openingProblem(after)
  )
}

/** The assertions that need no event: all of them, whatever the step before was. */
export const problemOf = (state: LedgerState): string | null =>
  batchesProblem(state.writing.outbox) ??
  writingProblem(state) ??
  readingProblem(state) ??
  resumeProblem(state) ??
  openingProblem(state)

function outboxProblem(before: OutboxState, event: LedgerEvent, after: OutboxState): string | null {
  if (before === after) return null
  const isGathering = after.edits !== null
  if (isGathering !== (after.nextBatchId !== null) || isGathering !== (after.editsMadeAt !== null))
    return 'ACK-3: edits gather without the id and the time of their batch, or the reverse'
  // A comparison may replace the outbox, by `resend()` or under new client ids.
  const isReplacing = event.type === 'compared'
  if (before.edits !== null && !isReplacing && !areEditsKept(before, after))
    return 'ACK-2: edits left the outbox without an ack'
  if (before.batches === after.batches) return null
  const now = new Map(after.batches.map((batch) => [batch.batchId, batch]))
  for (const { batchId, update } of before.batches) {
    const batch = now.get(batchId)
    if (batch !== undefined && batch.update !== update)
      return `ACK-3: the bytes of batch ${batchId} changed`
    const isAcked = event.type === 'acked' && event.batch.batchId === batchId
    if (batch === undefined && !isAcked && !isReplacing)
      return `ACK-2: batch ${batchId} left the outbox without its ack`
  }
  return batchesProblem(after)
}

/** The edits still gather, perhaps with one more; or they were cut into batches. */
const areEditsKept = (before: OutboxState, after: OutboxState): boolean =>
  after.edits === before.edits ||
  after.edits?.before === before.edits ||
  (after.edits === null && after.batches.length > 0 && after.batches !== before.batches)

function batchesProblem({ batches, nextBatchId }: OutboxState): string | null {
  const ids = new Set(batches.map(({ batchId }) => batchId))
  if (ids.size < batches.length) return 'ACK-3: two batches have the same id'
  if (nextBatchId !== null && ids.has(nextBatchId))
    return 'ACK-3: edits gather under the id of a batch that is cut'
  return null
}

function writingProblem({ writing }: LedgerState): string | null {
  const { outbox, posting, hold, unanswered } = writing
  const [head] = outbox.batches
  const isPosting = posting.type === 'posting'
  const isHeldBack = hold.type === 'holding-back'
  if ((outbox.phase === 'sending') !== (isPosting || isHeldBack))
    return 'the outbox sends a batch that is neither posted nor held back, or the reverse'
  if (isPosting && unanswered.get(head?.batchId ?? '') !== 'this-page')
    return 'a batch is posted that is not noted as posted'
  if (isHeldBack && (hold.batch.batchId !== head?.batchId || unanswered.size > 0))
    return 'a batch is held back that is not the first, or although others have no answer'
  if (unanswered.size > outbox.batches.length)
    return 'ACK-2: a batch without an answer is not in the outbox'
  return null
}

function readingProblem({ reading, writing, doubt }: LedgerState): string | null {
  const { connection, isSynced, join } = reading
  const isFollowing = connection.phase === 'following'
  if (isSynced && !isFollowing) return 'SYNC-1: synced without following a segment'
  const willFollow = connection.phase === 'waiting' && connection.resumeFrom !== null
  if ((isFollowing || willFollow) && doubt.type !== 'none')
    return 'SYNC-2: a segment is followed although the document was not compared with state'
  if (
    connection.phase === 'joining' &&
    join.type === 'awaiting-answers' &&
    writing.unanswered.size === 0
  )
    return 'a join waits for answers, and no batch is without one'
  return null
}

function resumeProblem({ resume, doubt, others, reading }: LedgerState): string | null {
  const { phase } = reading.connection
  if (resume.type === 'loaded' && phase !== 'closed')
    return 'DEV-1: a loaded resume point was not taken when the connection opened'
  if (resume.type === 'recorded' && doubt.type !== 'none')
    return 'DEV-1: a resume point is recorded while the document is in doubt'
  if (resume.type === 'held-back' && doubt.type === 'none' && !hasUnsent(others))
    return 'DEV-1: a resume point is held back for no reason'
  if ((resume.type === 'recorded' || resume.type === 'held-back') && isWithoutPoint(phase))
    return 'DEV-1: a resume point is known before state was read'
  return null
}

const isWithoutPoint = (phase: string): boolean => phase === 'closed' || phase === 'joining'

function openingProblem({ isWanted, device, reading, writing, tabs, others }: LedgerState) {
  const isClosed = reading.connection.phase === 'closed'
  if (isClosed !== (writing.outbox.phase === 'closed'))
    return 'one side is connected and the other is not'
  if (device.type === 'loading' && !isClosed)
    return 'DEV-1: connected before the device store was read'
  if (device.type !== 'loading' && isWanted === isClosed)
    return 'connected although the app does not want it, or the reverse'
  const isWithTabs = tabs.type === 'following' || tabs.type === 'leading'
  if (!isWithTabs && (others.alive.size > 0 || others.orphans.size > 0))
    return 'edits of other tabs are known although no tab is heard'
  return null
}
