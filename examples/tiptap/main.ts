import { Editor } from '@tiptap/core'
import Collaboration from '@tiptap/extension-collaboration'
import CollaborationCaret from '@tiptap/extension-collaboration-caret'
import StarterKit from '@tiptap/starter-kit'
import { guardCollaboration } from 'y-electric/tiptap'
import { find, openDocument } from './page'
import { person } from './person'
import './page.css'
import './editor.css'

const { doc, provider } = openDocument('tiptap')

new Editor({
  element: find('main'),
  extensions: [
    // Collaboration has an undo of its own, which takes back only the edits of this person.
    StarterKit.configure({ undoRedo: false }),
    // Parts of the document that this editor does not know stay as they are: see docs/tiptap.md.
    guardCollaboration(Collaboration.configure({ document: doc }), {
      onStop: ({ foreign, error }) => {
        find('#status').textContent = error?.message ?? `Read only: ${foreign.join(', ')}`
      },
      onRecover: () => location.reload(),
    }),
    CollaborationCaret.configure({ provider, user: person }),
  ],
})
