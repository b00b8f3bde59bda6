import { type Editor, EditorContent } from '@tiptap/react'
import { useCallback, useEffect, useState } from 'react'
import { useDocument, useDocumentState } from '../collaboration/hooks.ts'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { UNTITLED, withOpened, withTitle } from '../documents/deviceList.ts'
import { changeDeviceList } from '../documents/deviceListStore.ts'
import { titleOf } from '../documents/title.ts'
import { LinkPanel } from '../editor/LinkPanel.tsx'
import { Toolbar } from '../editor/Toolbar.tsx'
import { useDocumentEditor } from '../editor/useDocumentEditor.ts'
import { Anchor } from '../routing/Anchor.tsx'
import { homePath } from '../routing/route.ts'
import { Notice } from '../status/Notice.tsx'
import { StatusBadge } from '../status/StatusBadge.tsx'
import { useBadge } from '../status/useBadge.ts'
import { Main } from './Main.tsx'

export function DocumentPage({ docId }: { docId: string }) {
  const document = useDocument(docId)
  useEffect(() => changeDeviceList((list) => withOpened(list, docId, Date.now())), [docId])
  // Nothing is drawn for the one frame until it is open: a badge would have nothing true to say.
  return document === null ? null : <Writing key={document.docId} document={document} />
}

function Writing({ document }: { document: OpenDocument }) {
  const [linking, setLinking] = useState(false)
  const startLinking = useCallback(() => setLinking(true), [])
  const stopLinking = useCallback(() => setLinking(false), [])
  const editor = useDocumentEditor(document.doc, startLinking)
  const badge = useBadge(document)
  const { loadedOnce } = useDocumentState(document)
  useTitle(document.docId, editor, loadedOnce)
  useInvitation(editor, loadedOnce)

  return (
    <div className="document">
      <header className="bar">
        <Anchor
          className="bar-home"
          to={homePath}
          aria-label="Your documents"
          title="Your documents"
        >
          <svg viewBox="0 0 20 20" className="icon" aria-hidden="true">
            <path d="M12 4.5L6.5 10l5.5 5.5" />
          </svg>
          <span className="bar-home-text">Documents</span>
        </Anchor>
        <Toolbar editor={editor} onLink={startLinking} />
        <StatusBadge badge={badge} />
      </header>
      <Main className="page" data-loaded={loadedOnce} aria-busy={!loadedOnce}>
        <Notice badge={badge} onRetry={() => document.provider.connect()} />
        <EditorContent editor={editor} className="page-content" />
        {linking && <LinkPanel editor={editor} onClose={stopLinking} />}
      </Main>
    </div>
  )
}

/** The tab and the list on this device are called what the first line of the document says. */
function useTitle(docId: string, editor: Editor, loaded: boolean): void {
  useEffect(() => {
    const tell = () => {
      const title = titleOf(editor.state.doc)
      window.document.title = `${title} · y-electric`
      // An empty page that was never loaded says nothing about the document's title.
      if (loaded || title !== UNTITLED) changeDeviceList((list) => withTitle(list, docId, title))
    }
    tell()
    editor.on('update', tell)
    return () => {
      editor.off('update', tell)
    }
  }, [docId, editor, loaded])
}

/** A page that turns out to be empty takes the caret: one opens it to write. */
function useInvitation(editor: Editor, loaded: boolean): void {
  useEffect(() => {
    const elsewhere = window.document.activeElement?.closest('button, a, input') ?? null
    if (loaded && editor.isEmpty && elsewhere === null) editor.commands.focus()
  }, [editor, loaded])
}
