import { useEffect, useMemo, useState } from 'react'
import type { GuardState } from 'y-electric/tiptap'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { withTitle } from '../documents/deviceList.ts'
import { changeDeviceList } from '../documents/deviceListStore.ts'
import { titleOfLine } from '../documents/title.ts'
import { Anchor } from '../routing/Anchor.tsx'
import { inspectorPath } from '../routing/route.ts'
import { framed } from './frame.ts'
import { plainText } from './plainText.ts'
import { useServerHtml } from './useServerHtml.ts'

/** The server writes image tags in one form only, so this pattern finds them. */
const REMOTE_IMAGE = /<img [^>]*src="(https?:)?\/\//i

/** The most foreign parts that are named; the others are counted. */
const MOST_NAMED = 5

interface ReadingContentProps {
  document: OpenDocument
  /** The reason why the document is not in an editor. */
  stopped: GuardState
}

/**
 * Shows a document for reading that the editor would damage or that made it fail: the server's
 * HTML, or plain text.
 */
export function ReadingContent({ document: { docId, doc }, stopped }: ReadingContentProps) {
  const text = useText(doc)
  const html = useServerHtml(docId, doc)
  const [showsRemoteImages, setShowsRemoteImages] = useState(false)
  const page = useMemo(() => {
    const { origin } = window.location
    return html === null ? null : framed(html, { origin, showsRemoteImages })
  }, [html, showsRemoteImages])
  useTextTitle(docId, text)
  return (
    <>
      <div className="notice" role="status" data-testid="foreign">
        <p>
          <Reason stopped={stopped} /> <Anchor to={inspectorPath(docId)}>Look inside</Anchor>
        </p>
        {stopped.unsaved !== null && (
          <p>
            The last edit is not part of the document. Its text:{' '}
            <q data-testid="unsaved-edit">{stopped.unsaved}</q>
          </p>
        )}
        {!showsRemoteImages && html !== null && REMOTE_IMAGE.test(html) && (
          <button type="button" onClick={() => setShowsRemoteImages(true)}>
            Show pictures from other servers
          </button>
        )}
        {stopped.error !== null && (
          <button type="button" onClick={() => window.location.reload()}>
            Reload the page
          </button>
        )}
      </div>
      {page === null ? (
        <div className="prose reading-text">{text}</div>
      ) : (
        <iframe
          className="reading-frame"
          title="Document text"
          // Allows no scripts and no access to this page or its server; links can be followed.
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          srcDoc={page}
        />
      )}
    </>
  )
}

function Reason({ stopped: { foreign, error } }: { stopped: GuardState }) {
  return error === null ? (
    <>
      This document has parts that this editor does not know: {namesOf(foreign)}. It is shown for
      reading only, so that nothing is lost.
    </>
  ) : (
    <>
      The editor failed: {error.message}. Editing has stopped so that nothing is lost. The document
      is shown for reading only.
    </>
  )
}

function namesOf(foreign: readonly string[]): string {
  const named = foreign.slice(0, MOST_NAMED).join(', ')
  return foreign.length > MOST_NAMED ? `${named} and ${foreign.length - MOST_NAMED} more` : named
}

function useText(doc: OpenDocument['doc']): string {
  const read = () => plainText(doc.getXmlFragment('default'))
  const [text, setText] = useState(read)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it depends on the document only.
  useEffect(() => {
    const refresh = () => setText(read())
    refresh()
    doc.on('update', refresh)
    return () => doc.off('update', refresh)
  }, [doc])
  return text
}

function useTextTitle(docId: string, text: string): void {
  const title = titleOfLine(text.trim().split('\n')[0] ?? '')
  useEffect(() => {
    window.document.title = `${title} · y-electric`
    changeDeviceList((list) => withTitle(list, docId, title))
  }, [docId, title])
}
