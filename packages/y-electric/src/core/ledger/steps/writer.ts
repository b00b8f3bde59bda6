/** Events that come from the writer. */
import type { WriterEvent } from '../events.ts'
import { joinAgain, noteAcked } from '../parts/reading.ts'
import { flush, retryWrite, writeAcked, writeFailed } from '../parts/writing.ts'
import { doubt, emit, settle, type Work, withdrawResume } from '../work.ts'

export function writerStep(work: Work, event: WriterEvent): void {
  switch (event.type) {
    case 'flush':
      flush(work)
      return
    case 'write-retry':
      retryWrite(work)
      return
    case 'acked':
      acked(work, event)
      return
    case 'write-failed':
    case 'write-refused':
      writeFailed(work, event)
  }
}

function acked(work: Work, event: Extract<WriterEvent, { type: 'acked' }>): void {
  const { batch, seq, isRepeat } = event
  const { batchId, update } = batch
  const isUnexpected = writeAcked(work, event)
  emit(work, { to: 'app', type: 'worked', side: 'write' })
  if (!isRepeat) emit(work, { to: 'reader', type: 'expect', seq })
  settle(work, batchId)
  emit(work, { to: 'document', type: 'sent', seq, update, isUnexpected })
  if (isUnexpected) compareAnew(work)
  else noteAcked(work, [update])
  // The server may be back for reading too.
  emit(work, { to: 'reader', type: 'hasten' })
}

/**
 * The server may have received another batch with an id of ours, since two copies of one device store
 * collect edits under the same id. Comparing with state shows which edits the server lacks.
 */
function compareAnew(work: Work): void {
  if (work.state.document.type === 'parted') return
  doubt(work)
  withdrawResume(work)
  joinAgain(work)
}
