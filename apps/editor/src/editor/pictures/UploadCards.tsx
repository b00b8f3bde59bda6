import type { Editor } from '@tiptap/react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { createPortal } from 'react-dom'
import { addStarted } from './pictures.ts'
import { removePlace } from './places.ts'
import type { Upload, Uploads } from './Uploads.ts'

interface UploadCardsProps {
  editor: Editor
  uploads: Uploads
}

/** Each picture on its way, at its place in the text: with its progress, or with the reason why it was not added. */
export function UploadCards({ editor, uploads }: UploadCardsProps) {
  const list = useSyncExternalStore(uploads.subscribe, uploads.current)
  const remove = ({ id }: Upload) => {
    // The button that has the focus goes away.
    editor.view.focus()
    editor.view.dispatch(removePlace(editor.state.tr, id))
    uploads.remove(id)
  }
  return list.map((upload) =>
    createPortal(
      <UploadCard
        upload={upload}
        onRemove={() => remove(upload)}
        onTryAgain={() => addStarted(uploads, editor, [upload])}
      />,
      upload.element,
      upload.id,
    ),
  )
}

interface UploadCardProps {
  upload: Upload
  onRemove: () => void
  onTryAgain: () => void
}

function UploadCard({ upload, onRemove, onTryAgain }: UploadCardProps) {
  const { file, sent, trouble } = upload
  const { name } = file
  return (
    <div className="upload-card" data-state={trouble === null ? 'sending' : 'refused'}>
      <Preview file={file} />
      <div className="upload-words">
        <p role={trouble === null ? 'status' : 'alert'}>{trouble?.words ?? `Adding “${name}”`}</p>
        {trouble === null && <progress value={sent} aria-label={`Adding ${name}`} />}
      </div>
      {trouble?.mayPass && (
        <button type="button" className="button-quiet" onClick={onTryAgain}>
          Try again
        </button>
      )}
      <button type="button" className="button-quiet" onClick={onRemove}>
        {trouble === null ? 'Cancel' : 'Remove'}
      </button>
    </div>
  )
}

/** The picture as this device has it; nothing if the browser cannot show it. */
function Preview({ file }: { file: File }) {
  const [address, setAddress] = useState('')
  useEffect(() => {
    const made = URL.createObjectURL(file)
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [file])
  return address === '' ? null : (
    <img className="upload-preview" src={address} alt="" onError={() => setAddress('')} />
  )
}
