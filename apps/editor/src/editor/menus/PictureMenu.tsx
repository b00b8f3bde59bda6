import { type Editor, useEditorState } from '@tiptap/react'
import { useId } from 'react'
import { createPortal } from 'react-dom'
import {
  changePicture,
  type PictureAttributes,
  selectedPicture,
} from '../pictures/changePicture.ts'
import { PICTURE_SIZES, sizeOf } from '../pictures/sizes.ts'

interface PictureMenuProps {
  editor: Editor
  element: HTMLElement
}

/** The tools of the selected picture: its size, its caption, and the text in its place. */
export function PictureMenu({ editor, element }: PictureMenuProps) {
  const picture = useEditorState({
    editor,
    selector: ({ editor }) => selectedPicture(editor.state),
  })
  const altId = useId()
  const sizeName = useId()
  if (picture === null) return null
  const { alt, width } = picture.attrs
  const chosen = sizeOf(width)
  // The picture may have moved since it was drawn.
  const change = (attributes: PictureAttributes) =>
    changePicture(editor, editor.state.selection.from, attributes)
  const finish = () => editor.view.focus()
  const editCaption = () => {
    const dom = editor.view.nodeDOM(editor.state.selection.from)
    if (dom instanceof HTMLElement) dom.querySelector('textarea')?.focus()
  }
  return createPortal(
    <form
      className="picture-menu"
      aria-label="Picture"
      onSubmit={(event) => {
        event.preventDefault()
        finish()
      }}
      onKeyDown={({ key }) => key === 'Escape' && finish()}
    >
      <fieldset className="choices">
        <legend className="visually-hidden">Size</legend>
        {PICTURE_SIZES.map((size) => (
          <label key={size.name}>
            <input
              className="visually-hidden"
              type="radio"
              name={sizeName}
              checked={size === chosen}
              // A height of its own would distort the picture.
              onChange={() => change({ width: size.width, height: null })}
            />
            <span>{size.label}</span>
          </label>
        ))}
      </fieldset>
      <button type="button" className="button-quiet" onClick={editCaption}>
        Caption
      </button>
      <label className="picture-alt" htmlFor={altId}>
        Alt text
        <input
          id={altId}
          type="text"
          placeholder="Describe the picture"
          autoComplete="off"
          value={typeof alt === 'string' ? alt : ''}
          onChange={({ target }) => change({ alt: target.value })}
        />
      </label>
    </form>,
    element,
  )
}
