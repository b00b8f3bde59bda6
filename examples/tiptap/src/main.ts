import { Editor } from '@tiptap/core'
import Collaboration from '@tiptap/extension-collaboration'
import CollaborationCaret from '@tiptap/extension-collaboration-caret'
import StarterKit from '@tiptap/starter-kit'
import { guardCollaboration } from 'y-electric/tiptap'
import { find, openDocument } from './document'
import './style.css'
import './editor.css'

const { doc, provider, person } = openDocument('tiptap')
const notice = find('#notice')

// Without the guard, TipTap deletes content that its schema does not know, for everybody.
const collaboration = guardCollaboration(Collaboration.configure({ document: doc }), {
  onStop({ foreign, error }) {
    notice.textContent = error?.message ?? `Read only, because of: ${foreign.join(', ')}`
  },
  onRecover: () => location.reload(),
})

new Editor({
  element: find('#editor'),
  extensions: [
    // Collaboration has an undo of its own, which takes back only the edits of this person.
    StarterKit.configure({ undoRedo: false }),
    collaboration,
    CollaborationCaret.configure({ provider, user: { ...person } }),
  ],
})
