import type * as Y from 'yjs'
import { ASSISTANT_ORIGIN, endRequest, readRequest } from './requests.ts'
import { removeWritten } from './written.ts'

/**
 * Undoes an answer in one step, in any page and at any time: it deletes what the writers of the
 * request inserted and leaves what people typed in between. An undo manager cannot do this, because
 * its stack ends with the page. The transaction's origin is that of the assistant, so a person's
 * own undo neither repeats nor reverts it.
 */
export function undoAnswer(doc: Y.Doc, requestId: string, field = 'default'): void {
  const request = readRequest(doc, requestId)
  if (request === null || request.state === 'running') return
  doc.transact(() => {
    removeWritten(doc.getXmlFragment(field), request.writers, ASSISTANT_ORIGIN)
    endRequest(doc, requestId, 'undone')
  }, ASSISTANT_ORIGIN)
}
