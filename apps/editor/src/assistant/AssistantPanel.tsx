import type { Editor } from '@tiptap/react'
import { useId, useState } from 'react'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { AssistantSettings } from './AssistantSettings.tsx'
import { RequestEntry } from './RequestEntry.tsx'
import { LONGEST_PROMPT } from './requests.ts'
import { ask } from './runs.ts'
import { readSettings, settingsProblem } from './settings.ts'
import { useRequests } from './useRequests.ts'
import '../styles/assistant.css'

interface AssistantPanelProps {
  document: OpenDocument
  editor: Editor
  isEditable: boolean
}

/** The pane with a prompt, the requests of the document, and the settings of this browser. */
export function AssistantPanel({ document, editor, isEditable }: AssistantPanelProps) {
  const requests = useRequests(document.doc)
  return (
    <>
      {isEditable && <PromptForm document={document} editor={editor} />}
      {requests.length === 0 ? (
        <p className="panel-note">
          Nobody has asked the assistant in this document yet. It writes its answer after the
          paragraph with your caret; everybody sees it and can stop it.
        </p>
      ) : (
        <ol className="assistant-requests" aria-label="Requests">
          {requests.map((request) => (
            <RequestEntry
              key={request.id}
              document={document}
              request={request}
              isEditable={isEditable}
            />
          ))}
        </ol>
      )}
      {isEditable && <AssistantSettings />}
    </>
  )
}

function PromptForm({ document, editor }: { document: OpenDocument; editor: Editor }) {
  const [prompt, setPrompt] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const id = useId()
  const wanted = prompt.trim()

  const submit = () => {
    if (wanted === '') return
    const found = settingsProblem(readSettings(), window.location.protocol === 'https:')
    setProblem(found)
    if (found !== null) return
    const { docId, doc, personName } = document
    const { $from } = editor.state.selection
    // After the block with the caret.
    const index = $from.depth === 0 ? $from.index(0) : $from.index(0) + 1
    ask(docId, doc, wanted, personName ?? 'Anonymous', index)
    setPrompt('')
  }

  return (
    <form
      className="assistant-form"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <label htmlFor={id}>What should the assistant write?</label>
      <textarea
        id={id}
        className="field"
        rows={3}
        maxLength={LONGEST_PROMPT}
        placeholder="count to 20"
        value={prompt}
        onChange={({ target }) => setPrompt(target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
          event.preventDefault()
          submit()
        }}
      />
      {problem !== null && (
        <p className="assistant-problem" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" className="button-primary" aria-disabled={wanted === ''}>
        Ask
      </button>
    </form>
  )
}
