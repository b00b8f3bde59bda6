import { Editor } from '@tiptap/core'
import type { ElectricProvider } from 'y-electric'
import type * as Y from 'yjs'
import { extensionsFor } from './extensions'
import { loadPerson } from './person'

export function showEditor(
  element: HTMLElement,
  document: { doc: Y.Doc; provider: ElectricProvider },
): void {
  new Editor({ element, extensions: extensionsFor(document, loadPerson()) })
}
