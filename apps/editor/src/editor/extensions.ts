import type { Extensions } from '@tiptap/core'
import { Collaboration } from '@tiptap/extension-collaboration'
import { Selection } from '@tiptap/extensions'
import { type ContentGuard, guardCollaboration } from 'y-electric/tiptap'
import type { Awareness } from 'y-protocols/awareness'
import { carets } from './carets.ts'
import { contentExtensions } from './content.ts'

export function extensionsFor(guard: ContentGuard, awareness: Awareness): Extensions {
  const { extra } = guard.getState()
  return [
    ...contentExtensions(extra),
    guardCollaboration(Collaboration.configure({ fragment: guard.fragment }), { guard }),
    carets(awareness),
    // Keeps the selection visible while the link field has the focus.
    Selection,
  ]
}
