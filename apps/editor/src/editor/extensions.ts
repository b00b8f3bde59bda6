import type { Extensions } from '@tiptap/core'
import { Selection } from '@tiptap/extensions'
import type { Awareness } from 'y-protocols/awareness'
import type { ContentGuard } from './ContentGuard.ts'
import { carets } from './carets.ts'
import { contentExtensions } from './content.ts'
import { guardedCollaboration } from './guardedCollaboration.ts'

export function extensionsFor(guard: ContentGuard, awareness: Awareness): Extensions {
  const { extra, edition } = guard.getState()
  return [
    ...contentExtensions(extra),
    guardedCollaboration(guard, edition),
    carets(awareness),
    // Keeps what is selected visible while the link field has the focus.
    Selection,
  ]
}
