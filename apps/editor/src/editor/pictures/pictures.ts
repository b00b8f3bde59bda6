import { type Editor, Extension } from '@tiptap/core'
import { Plugin } from '@tiptap/pm/state'
import { addPlaces, picturePlaces } from './places.ts'
import type { Upload, Uploads } from './Uploads.ts'

declare module '@tiptap/core' {
  interface Storage {
    /** Absent in an editor without pictures of its own. */
    pictures?: { readonly docId: string }
  }
  interface Commands<ReturnType> {
    pictures: {
      /** Lets the person choose pictures, and puts them at the caret. */
      choosePictures: () => ReturnType
    }
  }
}

/** Puts pictures into the text that a person pastes, drops or chooses. */
export const pictures = (uploads: Uploads): Extension =>
  Extension.create({
    name: 'pictures',

    onDestroy: uploads.close,

    addStorage: () => ({ docId: uploads.document.docId }),

    addCommands() {
      return {
        choosePictures:
          () =>
          ({ editor, dispatch }) => {
            if (dispatch !== undefined) choose((files) => add(uploads, editor, files))
            return true
          },
      }
    },

    addProseMirrorPlugins() {
      const { editor } = this
      return [
        picturePlaces(uploads),
        new Plugin({
          props: {
            handlePaste(_view, { clipboardData }) {
              const files = picturesIn(clipboardData)
              // Programs for tables and text add a picture of what they copy. The text is what the person wants.
              if (files.length === 0 || clipboardData?.getData('text/plain')) return false
              add(uploads, editor, files)
              return true
            },
            handleDrop(view, event) {
              const files = picturesIn(event.dataTransfer)
              if (files.length === 0) return false
              event.preventDefault()
              const place = view.posAtCoords({ left: event.clientX, top: event.clientY })
              add(uploads, editor, files, place?.pos)
              return true
            },
          },
        }),
      ]
    },
  })

const picturesIn = (data: DataTransfer | null): File[] =>
  [...(data?.files ?? [])].filter(({ type }) => type.startsWith('image/'))

/** Opens the dialog in the turn of the click: later, a browser refuses it. */
function choose(use: (files: File[]) => void): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = 'image/png, image/jpeg, image/gif, image/webp, image/avif'
  input.multiple = true
  input.addEventListener('change', () => use([...(input.files ?? [])]))
  input.click()
}

/** @param place where to put them; default: the caret */
function add(uploads: Uploads, editor: Editor, files: readonly File[], place?: number): void {
  const pos = place ?? editor.state.selection.to
  const started = files.map((file) => uploads.start(file))
  const places = started.map(({ id }) => ({ id, pos }))
  editor.view.dispatch(addPlaces(editor.state.tr, places))
  addStarted(uploads, editor, started)
}

/** Adds pictures that have a place, for the first time or once more. */
export function addStarted(uploads: Uploads, editor: Editor, started: readonly Upload[]): void {
  void import('./addPictures.ts')
    .then(({ addPictures }) => addPictures(uploads, editor, started))
    .catch(() => {
      const trouble = { words: 'Pictures cannot be added now. Reload the page.', mayPass: false }
      for (const { id } of started) uploads.update(id, { trouble })
    })
}
