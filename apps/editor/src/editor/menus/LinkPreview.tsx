import type { Editor } from '@tiptap/react'
import { useEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import { isLinkAddress } from '../linkAddress.ts'

interface LinkPreviewProps {
  editor: Editor
  element: HTMLElement
  onEdit: () => void
}

/** Shows where the link at the caret leads, with what can be done with it. */
export function LinkPreview({ editor, element, onEdit }: LinkPreviewProps) {
  const address = useLinkAddress(editor)
  const [copied, setCopied] = useState('')
  if (address === '') return null
  const copy = async () => {
    await navigator.clipboard?.writeText(address).then(
      () => setCopied(address),
      () => setCopied(''),
    )
  }
  return createPortal(
    <section className="link-preview" aria-label="Link">
      {isLinkAddress(address) ? (
        <a href={address} target="_blank" rel="noopener noreferrer" title={address}>
          {shortOf(address)}
        </a>
      ) : (
        <span title={address}>{shortOf(address)}</span>
      )}
      <button type="button" className="button-quiet" onClick={copy}>
        {copied === address ? 'Copied' : 'Copy'}
      </button>
      <button type="button" className="button-quiet" onClick={onEdit}>
        Edit
      </button>
      <button
        type="button"
        className="button-quiet"
        onClick={() => editor.chain().focus().extendMarkRange('link').unsetLink().run()}
      >
        Remove
      </button>
    </section>,
    element,
  )
}

/** The address of the link at the caret; '' outside of links. */
function useLinkAddress(editor: Editor): string {
  const [address, setAddress] = useState('')
  useEffect(() => {
    const look = () => {
      const { selection } = editor.state
      const href: unknown = selection.empty ? editor.getAttributes('link').href : ''
      setAddress(typeof href === 'string' ? href : '')
    }
    look()
    editor.on('selectionUpdate', look)
    editor.on('update', look)
    return () => {
      editor.off('selectionUpdate', look)
      editor.off('update', look)
    }
  }, [editor])
  return address
}

/** Without the scheme, and not longer than a line. */
function shortOf(address: string): string {
  const short = address.replace(/^https?:\/\/(www\.)?/, '').replace(/^(mailto|tel):/, '')
  return short.length > 40 ? `${short.slice(0, 39)}…` : short
}
