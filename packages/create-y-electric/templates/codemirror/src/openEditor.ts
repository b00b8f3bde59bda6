import { EditorView, keymap } from '@codemirror/view'
import { basicSetup } from 'codemirror'
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'

/** Opens an editor for the text of a document. */
export function openEditor(parent: Element, doc: Y.Doc, awareness: Awareness): EditorView {
  const text = doc.getText('codemirror')
  return new EditorView({
    doc: text.toString(),
    extensions: [
      // First, so that undo undoes only the edits of this person.
      keymap.of(yUndoManagerKeymap),
      basicSetup,
      EditorView.lineWrapping,
      yCollab(text, awareness),
    ],
    parent,
  })
}
