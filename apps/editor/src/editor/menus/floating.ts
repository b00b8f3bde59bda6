import { type Editor, Extension } from '@tiptap/core'
import { BubbleMenuPlugin } from '@tiptap/extension-bubble-menu'
import { TextSelection } from '@tiptap/pm/state'
import { CellSelection } from '@tiptap/pm/tables'

/** The elements that float over the text. They exist before the editor, and the page draws into them. */
export interface FloatingElements {
  readonly selection: HTMLElement
  readonly link: HTMLElement
}

export function floatingElements(): FloatingElements {
  const element = (className: string) => {
    const made = document.createElement('div')
    made.className = className
    return made
  }
  return { selection: element('floating'), link: element('floating') }
}

/** A selection that is still growing should not be covered: the menu waits this long, in milliseconds. */
const WAIT_MS = 200

/** Shows the menu of a selection, and the preview of the link at the caret. */
export const floating = ({ selection, link }: FloatingElements): Extension =>
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

const isNear = ({ view }: Editor, element: HTMLElement): boolean =>
  view.hasFocus() || element.contains(document.activeElement)
