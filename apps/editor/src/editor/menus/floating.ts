import { type Editor, Extension } from '@tiptap/core'
import { BubbleMenuPlugin } from '@tiptap/extension-bubble-menu'
import { TextSelection } from '@tiptap/pm/state'
import { CellSelection } from '@tiptap/pm/tables'
import { selectedPicture } from '../pictures/changePicture.ts'

/** The elements that float over the text. They exist before the editor, and the page draws into them. */
export interface FloatingElements {
  readonly selection: HTMLElement
  readonly link: HTMLElement
  readonly picture: HTMLElement
}

export function floatingElements(): FloatingElements {
  const element = (className: string) => {
    const made = document.createElement('div')
    made.className = className
    return made
  }
  return {
    selection: element('floating'),
    link: element('floating'),
    picture: element('floating'),
  }
}

/** A selection that is still growing should not be covered: the menu waits this long, in milliseconds. */
const WAIT_MS = 200

/** The bar stays above the text, with its tools below it on wide screens. In pixels. */
const BAR_HEIGHT = 88

/** Shows the menu of a selection, the preview of the link at the caret, and the tools of a picture. */
export const floating = ({ selection, link, picture }: FloatingElements): Extension =>
  Extension.create({
    name: 'floating',
    addProseMirrorPlugins() {
      const { editor } = this
      return [
        BubbleMenuPlugin({
          editor,
          pluginKey: 'floatingSelection',
          element: selection,
          updateDelay: WAIT_MS,
          shouldShow: () => hasSelectedText(editor) && isNear(editor, selection),
          options: { placement: 'top', offset: 8, flip: true, shift: { padding: 8 } },
        }),
        BubbleMenuPlugin({
          editor,
          pluginKey: 'floatingLink',
          element: link,
          updateDelay: WAIT_MS,
          shouldShow: () => isInLink(editor) && isNear(editor, link),
          options: { placement: 'bottom-start', offset: 6, flip: true, shift: { padding: 8 } },
        }),
        BubbleMenuPlugin({
          editor,
          pluginKey: 'floatingPicture',
          element: picture,
          updateDelay: WAIT_MS,
          shouldShow: ({ state }) =>
            editor.isEditable && selectedPicture(state) !== null && isNear(editor, picture),
          options: {
            placement: 'top',
            offset: 8,
            flip: { padding: { top: BAR_HEIGHT } },
            shift: { padding: 8 },
          },
        }),
      ]
    },
  })

/** On touch, the toolbar stands above the keyboard, and the system has a menu at the selection. */
const isTouch = (): boolean => window.matchMedia('(pointer: coarse)').matches

function hasSelectedText({ state, isEditable }: Editor): boolean {
  const { selection, doc } = state
  if (!isEditable || isTouch() || selection.empty) return false
  if (selection instanceof CellSelection) return true
  return (
    selection instanceof TextSelection &&
    selection.$from.parent.type.spec.code !== true &&
    doc.textBetween(selection.from, selection.to) !== ''
  )
}

function isInLink(editor: Editor): boolean {
  const { selection } = editor.state
  return editor.isEditable && selection.empty && editor.isActive('link')
}

/** True if the text, a field inside of it, or the floating element has the focus. */
const isNear = ({ view }: Editor, element: HTMLElement): boolean =>
  [view.dom, element].some((each) => each.contains(document.activeElement))
