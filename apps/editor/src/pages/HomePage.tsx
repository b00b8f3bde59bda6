import { useEffect, useRef, useState } from 'react'
import { useUnsavedDocIds } from '../collaboration/hooks.ts'
import {
  type DeviceList,
  type ListedDocument,
  without,
  withRestored,
} from '../documents/deviceList.ts'
import { changeDeviceList, useDeviceList } from '../documents/deviceListStore.ts'
import { newDocId } from '../documents/docId.ts'
import { whenInWords } from '../documents/when.ts'
import { Anchor } from '../routing/Anchor.tsx'
import { navigate } from '../routing/navigation.ts'
import { documentPath } from '../routing/route.ts'
import { Main } from './Main.tsx'

export function HomePage() {
  const list = useDeviceList()
  const unsaved = useUnsavedDocIds()
  const [removed, setRemoved] = useState<ListedDocument | null>(null)

  useEffect(() => {
    document.title = 'Your documents · y-electric'
  }, [])

  const remove = (entry: ListedDocument) => {
    changeDeviceList((current) => without(current, entry.docId))
    setRemoved(entry)
  }
  const restore = (entry: ListedDocument) => {
    changeDeviceList((current) => withRestored(current, entry))
    setRemoved(null)
  }

  return (
    <Main className="home">
      <p className="home-mark">
        <img src="/favicon.svg" alt="" width="20" height="20" />
        y-electric
      </p>
      {list.length === 0 ? (
        <Invitation />
      ) : (
        <Contents list={list} unsaved={unsaved} onRemove={remove} />
      )}
      <div role="status">
        {removed !== null && (
          <Removed key={removed.docId} title={removed.title} onUndo={() => restore(removed)} />
        )}
      </div>
      {list.length > 0 && (
        <p className="home-note">
          Opened in this browser, latest first. The list is kept on this device; the documents are
          kept in Postgres, each with a copy here that opens without a network.
        </p>
      )}
    </Main>
  )
}

function Invitation() {
  return (
    <section className="invitation">
      <h1>Start with a sentence.</h1>
      <p>
        Send others the address of the page to write in it together. Every edit is a row in your own
        Postgres, and the page shows when it is stored there.
      </p>
      <NewDocumentButton />
    </section>
  )
}

interface ContentsProps {
  list: DeviceList
  unsaved: readonly string[]
  onRemove: (entry: ListedDocument) => void
}

function Contents({ list, unsaved, onRemove }: ContentsProps) {
  const now = Date.now()
  return (
    <>
      <header className="home-head">
        <h1>Documents</h1>
        <NewDocumentButton />
      </header>
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
              onClick={() => onRemove(entry)}
            >
              <svg viewBox="0 0 20 20" className="icon" aria-hidden="true">
                <path d="M5 5l10 10M15 5L5 15" />
              </svg>
            </button>
          </li>
        ))}
      </ol>
    </>
  )
}

function Removed({ title, onUndo }: { title: string; onUndo: () => void }) {
  const undo = useRef<HTMLButtonElement>(null)
  // The pressed button no longer exists; without this the keyboard focus would return to the top.
  useEffect(() => undo.current?.focus({ preventScroll: true }), [])
  return (
    <p className="removed">
      <span>“{title}” was removed from this list. The document and its link still exist.</span>
      <button ref={undo} type="button" className="button-quiet" onClick={onUndo}>
        Put it back
      </button>
    </p>
  )
}

function NewDocumentButton() {
  return (
    <button
      type="button"
      className="button-primary"
      onClick={() => navigate(documentPath(newDocId()))}
    >
      New document
    </button>
  )
}
