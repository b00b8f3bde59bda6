import Quill from 'quill'
import QuillCursors from 'quill-cursors'
import { QuillBinding } from 'y-quill'
import { find, openDocument } from './page'
import 'quill/dist/quill.snow.css'
import './page.css'

Quill.register('modules/cursors', QuillCursors)

const { doc, awareness } = openDocument('quill')

const quill = new Quill(find('main'), {
  theme: 'snow',
  modules: {
    cursors: true,
    // Undo takes back only the edits of this person.
    history: { userOnly: true },
    toolbar: [
      [{ header: [1, 2, false] }],
      ['bold', 'italic', 'link'],
      [{ list: 'ordered' }, { list: 'bullet' }],
    ],
  },
})
new QuillBinding(doc.getText('quill'), quill, awareness)
