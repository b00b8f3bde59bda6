import { EditorView, keymap } from '@codemirror/view'
import { basicSetup } from 'codemirror'
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next'
import { find, openDocument } from './page'
import './page.css'

const { doc, awareness } = openDocument('codemirror')
const text = doc.getText('codemirror')

new EditorView({
  parent: find('main'),
  doc: text.toString(),
  extensions: [
    // Before the keys of basicSetup, so that undo takes back only the edits of this person.
    keymap.of(yUndoManagerKeymap),
    basicSetup,
    EditorView.lineWrapping,
    yCollab(text, awareness),
  ],
})
