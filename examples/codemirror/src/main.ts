import { javascript } from '@codemirror/lang-javascript'
import { keymap } from '@codemirror/view'
import { basicSetup, EditorView } from 'codemirror'
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next'
import { find, openDocument } from './document'
import './style.css'
import './editor.css'

const { doc, provider } = openDocument('codemirror')
const text = doc.getText('codemirror')

new EditorView({
  parent: find('#editor'),
  doc: text.toString(),
  extensions: [
    // Before the keys of basicSetup: undo then takes back only the edits of this person.
    keymap.of(yUndoManagerKeymap),
    basicSetup,
    javascript(),
    EditorView.lineWrapping,
    yCollab(text, provider.awareness),
  ],
})
