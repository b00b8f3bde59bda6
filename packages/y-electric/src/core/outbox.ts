/**
 * The outbox: local edits without an ack (ACK-2). A pure state machine; I/O runs its commands.
 *
 *             open             flush, something to send
 *   closed ─────────▶ idle ───────────────────────────▶ sending ◀──────────┐
 *      ▲               ▲          acked, nothing left      │  │            │ retry
 *      └─ close ─ any  └───────────────────────────────────┘  ├─ failed ─▶ waiting
 *                                                             └─ refused ▶ blocked
 *
 * Edits gather while a batch is on its way and go as the next one. Gathering edits have the id of their
 * batch from the first edit on: stored edits that come back after a crash are then sent under the id that
 * they may have been sent under before. A batch keeps its id and its bytes from the first try on, so that
 * the server can tell a retry from a second edit (ACK-3). A refused batch blocks the ones behind it,
 * which build on it (Yjs shows no edit of a client before the ones that it made earlier), until the app
 * connects again or asks for other batches in their place.
 */

/** Edits that are sent and acked together. */
export interface Batch {
  readonly batchId: string
  readonly update: Uint8Array
  /** When the oldest of its edits was made, in milliseconds since the epoch; missing when unknown. */
  readonly madeAt?: number
}

/** A linked list of edits, newest first: adding one costs the same however many wait. */
export type Edits = { readonly last: Uint8Array; readonly before: Edits } | null

export type OutboxPhase = 'closed' | 'idle' | 'sending' | 'waiting' | 'blocked'

export interface OutboxState {
  readonly phase: OutboxPhase
  /** Edits that are not in a batch yet, and the id that their batch will have. */
  readonly edits: Edits
  readonly nextBatchId: string | null
  /** When the oldest of those edits was made. */
  readonly editsMadeAt: number | null
  /** Batches without an ack, oldest first; only the first can be in flight. */
  readonly batches: readonly Required<Batch>[]
  /** Consecutive failures of the first batch. */
  readonly failures: number
}

export type OutboxEvent =
  /** `freshId` is used if nothing gathers yet. `at`: now, in milliseconds since the epoch. */
  | {
      readonly type: 'edited'
      readonly update: Uint8Array
      readonly freshId: string
      readonly at: number
    }
  /** Edits that an earlier page left behind. `at` is used for edits without a time of their own. */
  | { readonly type: 'restored'; readonly batches: readonly Batch[]; readonly at: number }
  /** These replace everything that waits; none of it is in flight. */
  | { readonly type: 'replaced'; readonly batches: readonly Batch[]; readonly at: number }
  | { readonly type: 'open' }
  | { readonly type: 'close' }
  | { readonly type: 'flush' }
  | { readonly type: 'retry' }
  | { readonly type: 'acked'; readonly batchId: string }
  | { readonly type: 'failed'; readonly batchId: string }
  | { readonly type: 'refused'; readonly batchId: string }

/** The command to run now: send a batch, or send `retry` after a wait. */
export type OutboxCommand =
  | { readonly type: 'send'; readonly batch: Batch }
  | { readonly type: 'wait'; readonly failures: number }

export interface OutboxStep {
  readonly state: OutboxState
  readonly command: OutboxCommand | null
}

/** Makes batches from edits, oldest first. It never drops an edit. */
export type CutBatches = (
  edits: readonly Uint8Array[],
  batchId: string,
  madeAt: number,
) => readonly Required<Batch>[]

export const EMPTY_OUTBOX: OutboxState = {
  phase: 'closed',
  edits: null,
  nextBatchId: null,
  editsMadeAt: null,
  batches: [],
  failures: 0,
}

/** True if every local edit has its ack. */
export const isOutboxEmpty = (state: OutboxState): boolean =>
  state.edits === null && state.batches.length === 0

/** Everything without an ack, oldest first. */
export const unackedUpdates = (state: OutboxState): Uint8Array[] => [
  ...state.batches.map(({ update }) => update),
  ...inOrder(state.edits),
]

/**
 * When the oldest edit without an ack was made, in milliseconds since the epoch; null if there is
 * none.
 */
export function unackedSince({ batches, editsMadeAt }: OutboxState): number | null {
  const times = batches.map(({ madeAt }) => madeAt)
  if (editsMadeAt !== null) times.push(editsMadeAt)
  return times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b))
}

/** The ids under which other tabs and the device store know the waiting edits. */
export const unackedIds = ({ batches, nextBatchId }: OutboxState): string[] => [
  ...batches.map(({ batchId }) => batchId),
  ...(nextBatchId === null ? [] : [nextBatchId]),
]

/** The edits of the list, oldest first. */
export function inOrder(edits: Edits): Uint8Array[] {
  const list: Uint8Array[] = []
  for (let each = edits; each !== null; each = each.before) list.push(each.last)
  return list.reverse()
}

export function outboxStep(state: OutboxState, event: OutboxEvent, cut: CutBatches): OutboxStep {
  switch (event.type) {
    case 'edited':
      return stay({
        ...state,
        edits: { last: event.update, before: state.edits },
        nextBatchId: state.nextBatchId ?? event.freshId,
        editsMadeAt: state.editsMadeAt ?? event.at,
      })
    case 'restored':
      return stay({ ...state, batches: restore(state, aged(event.batches, event.at)) })
    case 'replaced': {
      const batches = aged(event.batches, event.at)
      // `blocked` also becomes `idle`: the refused edits are not among these.
      const phase = state.phase === 'closed' ? 'closed' : 'idle'
      return stay({ ...EMPTY_OUTBOX, phase, batches })
    }
    case 'open':
      // This also unblocks: an app connects again to say that it has fixed the cause.
      return state.phase === 'closed' || state.phase === 'blocked'
        ? sendNext({ ...state, failures: 0 }, cut)
        : stay(state)
    case 'close':
      return stay({ ...state, phase: 'closed', failures: 0 })
    case 'flush':
      return state.phase === 'idle' ? sendNext(state, cut) : stay(state)
    case 'retry':
      return state.phase === 'waiting' ? sendNext(state, cut) : stay(state)
    case 'acked': {
      // An ack counts whenever it comes: after a close, or for a try that was given up.
      const batches = state.batches.filter(({ batchId }) => batchId !== event.batchId)
      const next = { ...state, batches }
      return isOnItsWay(state, event.batchId) ? sendNext({ ...next, failures: 0 }, cut) : stay(next)
    }
    case 'failed': {
      if (!isOnItsWay(state, event.batchId)) return stay(state)
      const failures = state.failures + 1
      return {
        state: { ...state, phase: 'waiting', failures },
        command: { type: 'wait', failures },
      }
    }
    case 'refused':
      return isOnItsWay(state, event.batchId) ? stay({ ...state, phase: 'blocked' }) : stay(state)
  }
}

const stay = (state: OutboxState): OutboxStep => ({ state, command: null })

const isOnItsWay = (state: OutboxState, batchId: string): boolean =>
  state.phase === 'sending' && state.batches[0]?.batchId === batchId

const aged = (batches: readonly Batch[], at: number): Required<Batch>[] =>
  batches.map((batch) => ({ ...batch, madeAt: batch.madeAt ?? at }))

/** These edits are older than anything made here, except for the batch in flight. */
function restore(
  { phase, batches }: OutboxState,
  older: readonly Required<Batch>[],
): Required<Batch>[] {
  const onItsWay = phase === 'sending' ? 1 : 0
  return [...batches.slice(0, onItsWay), ...older, ...batches.slice(onItsWay)]
}

function sendNext(before: OutboxState, cut: CutBatches): OutboxStep {
  const state = before.batches.length === 0 ? cutEdits(before, cut) : before
  const [batch] = state.batches
  if (batch === undefined) return stay({ ...state, phase: 'idle' })
  return { state: { ...state, phase: 'sending' }, command: { type: 'send', batch } }
}

function cutEdits(state: OutboxState, cut: CutBatches): OutboxState {
  const { edits, nextBatchId, editsMadeAt } = state
  if (edits === null || nextBatchId === null || editsMadeAt === null) return state
  const batches = cut(inOrder(edits), nextBatchId, editsMadeAt)
  return { ...state, edits: null, nextBatchId: null, editsMadeAt: null, batches }
}
