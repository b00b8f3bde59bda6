/** Events that come from the reader. An event of a read that has ended changes nothing. */
import type { ReaderEvent } from '../events.ts'
import { compare, isReadingState } from '../parts/joining.ts'
import {
  followNext,
  liveAnswered,
  noteAsking,
  readFailed,
  readMessage,
  retryRead,
  silent,
  stateRead,
} from '../parts/reading.ts'
import { reached } from '../parts/resuming.ts'
import { emit, type Work } from '../work.ts'

export function readerStep(work: Work, event: ReaderEvent): void {
  const { phase } = work.state.reading.connection
  switch (event.type) {
    case 'state-read':
      if (!isReadingState(work.state)) return
      stateRead(work, event)
      compare(work, event.state)
      return
    case 'read-failed':
      if (phase === 'joining' || phase === 'following') readFailed(work, event)
      return
    case 'read-retry':
      retryRead(work)
      return
    case 'message':
      if (phase === 'following') message(work, event)
      return
    case 'reached':
      if (phase === 'following') reached(work, event.point)
      return
    case 'silent':
      if (phase === 'following') silent(work, event)
      return
    case 'asking':
      if (phase === 'following') noteAsking(work, event.isAsking)
      return
    case 'live-answered':
      if (phase === 'following') liveAnswered(work)
  }
}

function message(work: Work, event: Extract<ReaderEvent, { type: 'message' }>): void {
  const found = readMessage(work, event)
  if (found.type === 'row') {
    const { seq, update, decoded } = found.row
    const { outbox } = work.state.writing
    const source = { type: 'row', seq } as const
    emit(work, { to: 'document', type: 'apply', update, decoded, source, outbox })
  } else if (found.type === 'seal') {
    reached(work, found.next)
    followNext(work)
  }
}
