import type { Editor } from '@tiptap/react'
import { type MouseEvent, useEffect } from 'react'
import { useDocumentFact } from '../collaboration/hooks.ts'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { endRequest } from './requests.ts'
import { resumeRuns } from './runs.ts'
import { useRequests } from './useRequests.ts'
import '../styles/assistant.css'

export interface AssistantBarProps {
  document: OpenDocument
  editor: Editor
  isEditable: boolean
}

/**
 * Shows everybody that the assistant is writing, with a button that stops it. This also continues
 * the answers that this tab wrote before a reload.
 */
export function AssistantBar({ document, editor, isEditable }: AssistantBarProps) {
  const { doc, docId, provider } = document
  const requests = useRequests(doc)
  const loadedOnce = useDocumentFact(document, 'loadedOnce')
  useEffect(() => {
    if (!loadedOnce || !isEditable) return
    let isShown = true
    // The last words of the page before the reload come first; they may still be on their way.
    void provider.whenSaved().then(
      () => isShown && resumeRuns(docId, doc),
      () => {},
    )
    return () => {
      isShown = false
    }
  }, [provider, doc, docId, loadedOnce, isEditable])

  const running = requests.filter(({ state }) => state === 'running')
  const [latest] = running
  const stop = (event: MouseEvent) => {
    for (const { id } of running) endRequest(doc, id, 'stopped', stoppedBy(document))
    // The button goes. After a key the focus goes to the text; a finger must not open the keyboard.
    if (event.detail === 0) editor.view.focus()
  }
  return (
    <div className="assistant-bar" role="status" data-testid="assistant-bar">
      {latest !== undefined && (
        <>
          <p>
            {running.length === 1
              ? `The assistant is writing for ${latest.asker}.`
              : `The assistant is writing ${running.length} answers.`}
          </p>
          {isEditable && (
            <button type="button" className="button-quiet" onClick={stop}>
              {running.length === 1 ? 'Stop' : 'Stop all'}
            </button>
          )}
        </>
      )}
    </div>
  )
}

/** The note of a request that this person stops. */
export const stoppedBy = ({ personName }: OpenDocument): string =>
  `Stopped by ${personName ?? 'somebody'}.`
