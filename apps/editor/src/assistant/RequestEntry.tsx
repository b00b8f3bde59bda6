import { useRef } from 'react'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { momentInWords } from '../documents/when.ts'
import { stoppedBy } from './AssistantBar.tsx'
import { type AssistantRequest, endRequest } from './requests.ts'
import { takeOver } from './runs.ts'
import { undoAnswer } from './undo.ts'
import { useIsInterrupted } from './useRequests.ts'

interface RequestEntryProps {
  document: OpenDocument
  request: AssistantRequest
  isEditable: boolean
}

/** One request, its state in words, and what a person can do about it. */
export function RequestEntry({ document, request, isEditable }: RequestEntryProps) {
  const { doc, docId, awareness } = document
  const isInterrupted = useIsInterrupted(awareness, request)
  const { id, prompt, asker, askedAt, source, state } = request
  const isRunning = state === 'running'
  const item = useRef<HTMLLIElement>(null)
  // The pressed button goes; without this the keyboard focus would return to the top of the page.
  const doing = (act: () => void) => () => {
    act()
    item.current?.focus({ preventScroll: true })
  }
  const mayContinue = isInterrupted || state === 'stopped' || state === 'failed'
  return (
    <li
      ref={item}
      tabIndex={-1}
      className="assistant-request"
      data-state={isInterrupted ? 'interrupted' : state}
    >
      <p className="assistant-prompt">{prompt}</p>
      <p className="panel-note">
        {asker}, {momentInWords(askedAt, Date.now())} · {source}
      </p>
      <p className="assistant-state" role={state === 'failed' ? 'alert' : undefined}>
        {stateInWords(request, isInterrupted)}
      </p>
      {isEditable && (
        <div className="assistant-buttons">
          {isRunning && (
            <Action
              label="Stop"
              request={prompt}
              onClick={doing(() => endRequest(doc, id, 'stopped', stoppedBy(document)))}
            />
          )}
          {mayContinue && (
            <Action
              label="Continue"
              request={prompt}
              onClick={doing(() => takeOver(docId, request))}
            />
          )}
          {!isRunning && state !== 'undone' && (
            <Action label="Undo" request={prompt} onClick={doing(() => undoAnswer(doc, id))} />
          )}
        </div>
      )}
    </li>
  )
}

interface ActionProps {
  label: string
  request: string
  onClick: () => void
}

const Action = ({ label, request, onClick }: ActionProps) => (
  <button
    type="button"
    className="button-quiet"
    aria-label={`${label}: ${request}`}
    onClick={onClick}
  >
    {label}
  </button>
)

function stateInWords({ state, note }: AssistantRequest, isInterrupted: boolean): string {
  switch (state) {
    case 'running':
      return isInterrupted
        ? 'Interrupted: the page that was answering is closed or offline.'
        : 'Writing…'
    case 'done':
      return 'Done.'
    case 'stopped':
      return note === '' ? 'Stopped.' : note
    case 'failed':
      return `Failed. ${note}`
    case 'undone':
      return 'Undone.'
  }
}
