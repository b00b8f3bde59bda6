/** The receiving side: the connection, the followed segment and what is known to be synced. */
import type { ElectricProviderError } from '../../../errors.ts'
import { EMPTY_TALLY, tallyRow, tallySeal } from '../../compaction.ts'
import {
  type ConnectionCommand,
  type ConnectionEvent,
  connectionStep,
  type ResumePoint,
} from '../../connection.ts'
import { type FollowAction, followMessage } from '../../follow.ts'
import type { ReaderEvent } from '../events.ts'
import { emit, forgetResume, setReading, type Work } from '../work.ts'

type Reader<Type extends ReaderEvent['type']> = Extract<ReaderEvent, { type: Type }>

/** A client that must join again within this time after it did so waits first, as after a failure. Milliseconds. */
const REJOIN_REST_MS = 1_000

/** @param from where an earlier page left off; null joins */
export function openReading(work: Work, from: ResumePoint | null): void {
  if (from !== null) {
    setReading(work, { tally: { ...EMPTY_TALLY, activeSegment: from.segment } })
    // From the start of a segment on, every row of it arrives.
    const newest = from.position === null ? 0 : (from.newest ?? null)
    emit(work, { to: 'reader', type: 'resumed', segment: from.segment, newest })
  }
  connect(work, { type: 'open', from })
}

export function closeReading(work: Work): void {
  setReading(work, { isSynced: false })
  connect(work, { type: 'close' })
}

/** Reads state again, and ends whatever is in progress. */
export function joinAgain(work: Work): void {
  const { phase } = work.state.reading.connection
  if (phase === 'closed' || phase === 'stopped') return
  closeReading(work)
  openReading(work, null)
}

/** Reads state once more within the same join. */
export function readStateAgain(work: Work): void {
  setReading(work, { join: { type: 'reading-state' } })
  emit(work, { to: 'reader', type: 'join' })
}

/** Reading stops until the app connects again. */
export function refuseReading(work: Work, error: ElectricProviderError): void {
  readFailed(work, { type: 'read-failed', error, isTransient: false, position: null })
}

export function readFailed(
  work: Work,
  { error, isTransient, position }: Reader<'read-failed'>,
): void {
  if (isGone(error) && work.state.reading.connection.phase === 'following') {
    rejoin(work)
    return
  }
  setReading(work, { isSynced: false, error })
  connect(work, isTransient ? { type: 'failed', position } : { type: 'refused' })
  emit(work, { to: 'app', type: 'report', error, side: 'read' })
}

export function retryRead(work: Work): void {
  connect(work, { type: 'retry' })
}

export function stateRead(work: Work, { follow, seqs, tally, bad }: Reader<'state-read'>): void {
  setReading(work, { seen: seqs, tally, follow })
  for (const { message, data } of bad)
    emit(work, { to: 'app', type: 'report-bad-row', message, data })
}

/** State is applied, and the edits that the server lacked are in the outbox. */
export function joined(work: Work, from: ResumePoint): void {
  worked(work)
  connect(work, { type: 'joined', from })
}

/** The caller's next step after a message of the shape. `seal`: the point is the start of the next segment. */
export type Found =
  | { readonly type: 'row'; readonly row: Extract<FollowAction, { type: 'apply' }> }
  | { readonly type: 'seal'; readonly next: ResumePoint }
  | { readonly type: 'nothing' }

const NOTHING: Found = { type: 'nothing' }

export function readMessage(work: Work, { message, isBehind }: Reader<'message'>): Found {
  const { seen, tally, isSealSeen } = work.state.reading
  const action = followMessage(message, seen)
  switch (action.type) {
    case 'apply':
      setReading(work, { tally: tallyRow(tally, action.update.byteLength) })
      return { type: 'row', row: action }
    case 'bad-row':
      emit(work, { to: 'app', ...action, type: 'report-bad-row' })
      return NOTHING
    case 'caught-up':
      if (isSealSeen) return { type: 'seal', next: sealed(work) }
      caughtUp(work, isBehind)
      return NOTHING
    case 'sealed':
      // Not at once: a shape's first rows come in any order, some after the seal.
      setReading(work, { isSealSeen: true })
      return NOTHING
    case 'rejoin':
      rejoin(work)
      return NOTHING
    case 'ignore':
      return NOTHING
  }
}

/** The seal has arrived, and the start of the next segment is noted. */
export function followNext(work: Work): void {
  connect(work, { type: 'sealed' })
}

export function silent(work: Work, { remedy }: Reader<'silent'>): void {
  if (remedy === 'join') {
    rejoin(work)
    return
  }
  setReading(work, { isSynced: false })
  connect(work, { type: 'silent' })
  emit(work, { to: 'reader', type: 'reread' })
}

/** The next failure is the first one again. */
export function liveAnswered(work: Work): void {
  connect(work, { type: 'live-answered' })
}

export function noteAsking(work: Work, isAsking: boolean): void {
  const { asking } = work.state.reading
  if (isAsking === (asking.type === 'asking')) return
  const since = work.context.now
  setReading(work, { asking: isAsking ? { type: 'asking', since } : { type: 'none' } })
}

/** Updates of this client or of another tab are on the server now. */
export function noteAcked(work: Work, updates: readonly Uint8Array[]): void {
  const { connection, ackedMeanwhile } = work.state.reading
  if (connection.phase === 'joining' && updates.length > 0)
    setReading(work, { ackedMeanwhile: [...ackedMeanwhile, ...updates] })
}

/** No sealed segment waits to be folded any more. */
export function noteFolded(work: Work, snapshotBytes: number): void {
  const { tally } = work.state.reading
  setReading(work, { tally: { ...tally, snapshotBytes, isSealedWaiting: false } })
}

/** True if the segment was folded, or is not open (the database lost it): state names the next one. */
const isGone = ({ code }: ElectricProviderError): boolean =>
  code === 'segment_folded' || code === 'segment_not_opened'

function sealed(work: Work): ResumePoint {
  const tally = tallySeal(work.state.reading.tally)
  setReading(work, { tally })
  emit(work, { to: 'reader', type: 'crossed', segment: tally.activeSegment })
  return { segment: tally.activeSegment, position: null, newest: 0 }
}

/** Called after every transaction of every client; most of the time it changes nothing. */
function caughtUp(work: Work, isBehind: boolean): void {
  const { isSynced, connection } = work.state.reading
  if (isSynced && connection.phase === 'following' && connection.live) return
  if (isBehind) return
  connect(work, { type: 'caught-up' })
  worked(work)
}

function worked(work: Work): void {
  const { connection } = work.state.reading
  setReading(work, { isSynced: true, error: null })
  if (connection.phase === 'following' && connection.live)
    emit(work, { to: 'app', type: 'worked', side: 'read' })
  emit(work, { to: 'writer', type: 'hasten' })
}

function rejoin(work: Work): void {
  const { rejoinedAt } = work.state.reading
  const { now } = work.context
  const isRepeated = rejoinedAt !== null && now - rejoinedAt < REJOIN_REST_MS
  setReading(work, { isSynced: false, rejoinedAt: now })
  connect(work, { type: 'rejoin', isRepeated })
}

function connect(work: Work, event: ConnectionEvent): void {
  const { state, command } = connectionStep(work.state.reading.connection, event)
  setReading(work, { connection: state })
  if (command === null) return
  setReading(work, { asking: { type: 'none' } })
  run(work, command)
}

function run(work: Work, command: ConnectionCommand): void {
  switch (command.type) {
    case 'join':
      setReading(work, {
        isSynced: false,
        join: { type: 'reading-state' },
        ackedMeanwhile: [],
      })
      forgetResume(work)
      emit(work, { to: 'document', type: 'joining' })
      emit(work, { to: 'reader', type: 'join' })
      return
    case 'follow':
      setReading(work, { isSealSeen: false })
      emit(work, { to: 'reader', type: 'follow', from: command.from })
      return
    case 'wait': {
      const retryAfterMs = work.state.reading.error?.retryAfterMs
      emit(work, { to: 'reader', type: 'wait', failures: command.failures, retryAfterMs })
      return
    }
    case 'stop':
      emit(work, { to: 'reader', type: 'stop' })
  }
}
