import { type Editor, Extension } from '@tiptap/core'
import { duplicate, move } from './blockActions.ts'
import { type BlockTarget, blockAtSelection } from './blockTarget.ts'

const onBlock = (editor: Editor, act: (target: BlockTarget) => void): boolean => {
  const target = blockAtSelection(editor.state)
  if (target !== null) act(target)
  return true
}

/** The keys for the block at the caret. */
export const blockKeys = Extension.create({
  name: 'blockKeys',
  addKeyboardShortcuts() {
    const { editor } = this
    return {
      'Mod-d': () => onBlock(editor, (target) => duplicate(editor, target)),
      'Alt-Shift-ArrowUp': () => onBlock(editor, (target) => move(editor, target, -1)),
      'Alt-Shift-ArrowDown': () => onBlock(editor, (target) => move(editor, target, 1)),
    }
  },
})
