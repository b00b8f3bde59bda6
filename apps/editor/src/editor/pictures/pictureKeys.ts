import { type Editor, Extension } from '@tiptap/core'
import type { FloatingElements } from '../menus/floating.ts'
import { selectedPicture } from './changePicture.ts'

/** From a selected picture, Tab goes to its tools. */
export const pictureKeys = ({ picture }: FloatingElements): Extension =>
  Extension.create({
    name: 'pictureKeys',
    addKeyboardShortcuts() {
      // biome-ignore lint/correctness/noComponentHookFactories: the name of a key.
      return { Tab: () => goToTools(this.editor, picture) }
    },
  })

function goToTools({ state }: Editor, tools: HTMLElement): boolean {
  if (selectedPicture(state) === null || !tools.isConnected) return false
  const first = tools.querySelector<HTMLElement>('input:checked, button')
  first?.focus()
  return first !== null
}
