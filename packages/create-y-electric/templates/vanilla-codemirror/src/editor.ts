import type { ElectricProvider } from 'y-electric'
import type * as Y from 'yjs'
import { openEditor } from './openEditor'

export function showEditor(
  element: HTMLElement,
  { doc, provider }: { doc: Y.Doc; provider: ElectricProvider },
): void {
  openEditor(element, doc, provider.awareness)
}
