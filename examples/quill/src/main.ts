import Quill from 'quill'
import History from 'quill/modules/history.js'
import QuillCursors from 'quill-cursors'
import { QuillBinding } from 'y-quill'
import * as Y from 'yjs'
import { find, openDocument } from './document'
import 'quill/dist/quill.snow.css'
import './style.css'
import './editor.css'

const { doc, provider } = openDocument('quill')
const text = doc.getText('quill')

/** Quill's own history would take back the edits of others too. Its keys and menus use this one. */
class SharedHistory extends History {
  override undo(): void {
    undoManager.undo()
  }
  override redo(): void {
    undoManager.redo()
  }
  override record(): void {}
}
Quill.register('modules/history', SharedHistory, true)
Quill.register('modules/cursors', QuillCursors)

const quill = new Quill(find('#editor'), {
  theme: 'snow',
  placeholder: 'Write together…',
  modules: {
    cursors: true,
    toolbar: [
      [{ header: [1, 2, false] }],
      ['bold', 'italic', 'underline', 'link'],
      [{ list: 'ordered' }, { list: 'bullet' }],
      ['clean'],
    ],
  },
})
const binding = new QuillBinding(text, quill, provider.awareness)
// The binding is the origin of the edits of this person.
const undoManager = new Y.UndoManager(text, { trackedOrigins: new Set([binding]) })
