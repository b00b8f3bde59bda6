import type { Extensions } from '@tiptap/core'
import { Collaboration } from '@tiptap/extension-collaboration'
import { Selection } from '@tiptap/extensions'
import { StarterKit } from '@tiptap/starter-kit'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { carets } from './carets.ts'
import { linkAddressOf } from './linkAddress.ts'

export function extensionsFor({ doc, awareness }: OpenDocument): Extensions {
  return [
    StarterKit.configure({
      // Collaboration undoes one's own edits only; a second history would undo other people's.
      undoRedo: false,
      // It adds a paragraph at the end by itself: merely opening a document would edit it,
      // and two people opening it would do so twice.
      trailingNode: false,
      heading: { levels: [1, 2, 3] },
      dropcursor: { color: 'var(--accent)', width: 2 },
      link: {
        openOnClick: false,
        defaultProtocol: 'https',
        isAllowedUri: (address, { defaultValidate }) =>
          defaultValidate(address) && linkAddressOf(address) !== null,
        HTMLAttributes: { rel: 'noopener noreferrer nofollow', target: '_blank' },
      },
    }),
    Collaboration.configure({ document: doc }),
    carets(awareness),
    // Keeps what is selected visible while the link field has the focus.
    Selection,
  ]
}
