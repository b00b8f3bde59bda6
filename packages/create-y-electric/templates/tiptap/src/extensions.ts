import type { Extensions } from '@tiptap/core'
import Collaboration from '@tiptap/extension-collaboration'
import CollaborationCaret from '@tiptap/extension-collaboration-caret'
import StarterKit from '@tiptap/starter-kit'
import type { ElectricProvider } from 'y-electric'
import type * as Y from 'yjs'
import type { Person } from './person'

/** The extensions of an editor for a document. */
export function extensionsFor(
  { doc, provider }: { doc: Y.Doc; provider: ElectricProvider },
  person: Person,
): Extensions {
  return [
    // Collaboration has an undo of its own, which undoes only the edits of this person.
    StarterKit.configure({ undoRedo: false }),
    Collaboration.configure({ document: doc }),
    CollaborationCaret.configure({ provider, user: { ...person } }),
  ]
}
