import { useEffect, useRef, useState } from 'react'
import { useUnsavedDocIds } from '../../collaboration/hooks.ts'
import {
  type DeviceList,
  type ListedDocument,
  without,
  withRestored,
} from '../../documents/deviceList.ts'
import { changeDeviceList } from '../../documents/deviceListStore.ts'
import { whenInWords } from '../../documents/when.ts'
import { Anchor } from '../../routing/Anchor.tsx'
import { documentPath } from '../../routing/route.ts'

/** The documents opened in this browser. */
export function DeviceDocuments({ list }: { list: DeviceList }) {
  const unsaved = useUnsavedDocIds()
  const [removed, setRemoved] = useState<ListedDocument | null>(null)
  const now = Date.now()

  const remove = (entry: ListedDocument) => {
    changeDeviceList((current) => without(current, entry.docId))
    setRemoved(entry)
  }
  const restore = (entry: ListedDocument) => {
    changeDeviceList((current) => withRestored(current, entry))
    setRemoved(null)
  }
  return (
    <>
      <ol className="contents">
        {list.map((entry) => (
          <li key={entry.docId}>
            <Anchor className="contents-entry" to={documentPath(entry.docId)}>
              <span className="contents-title">{entry.title}</span>
              <span className="contents-leader" aria-hidden="true" />
              {unsaved.includes(entry.docId) ? (
                <span className="contents-when contents-unsaved">not saved yet</span>
              ) : (
                <span className="contents-when">
                  <span className="visually-hidden">opened </span>
                  {whenInWords(entry.lastOpened, now)}
                </span>
              )}
            </Anchor>
            <button
              type="button"
              className="contents-remove"
              title="Remove from this list (the document itself stays)"
              aria-label={`Remove “${entry.title}” from this list`}
              onClick={() => remove(entry)}
            >
              <svg viewBox="0 0 20 20" className="icon" aria-hidden="true">
                <path d="M5 5l10 10M15 5L5 15" />
              </svg>
            </button>
          </li>
        ))}
      </ol>
      <div role="status">
        {removed !== null && (
          <Undoable
            key={removed.docId}
            text={`“${removed.title}” was removed from this list. The document and its link still exist.`}
            action="Put it back"
            onUndo={() => restore(removed)}
          />
        )}
      </div>
      <p className="home-note">
        Opened in this browser, latest first. The list is kept on this device; the documents are
        kept in Postgres, each with a copy here that opens without a network.
      </p>
    </>
  )
}

interface UndoableProps {
  text: string
  action: string
  onUndo: () => void
}

/** Says what was done, with a button that undoes it. */
export function Undoable({ text, action, onUndo }: UndoableProps) {
  const undo = useRef<HTMLButtonElement>(null)
  // The pressed button no longer exists; without this the keyboard focus would return to the top.
  useEffect(() => undo.current?.focus({ preventScroll: true }), [])
  return (
    <p className="removed">
      <span>{text}</span>
      <button ref={undo} type="button" className="button-quiet" onClick={onUndo}>
        {action}
      </button>
    </p>
  )
}
