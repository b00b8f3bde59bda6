import { asField } from '../fields.ts'
import { caretAfter } from './caretAfter.ts'

/** The actions of a caption's field on the text around it. */
export interface CaptionActions {
  readonly change: (words: string) => void
  /** Puts the caret below the picture. @param isNewLine into an empty line */
  readonly goBelow: (isNewLine: boolean) => void
  readonly selectPicture: () => void
  readonly undo: () => void
  readonly redo: () => void
}

/** The caption below a picture, which is written in place. */
export interface CaptionField {
  readonly dom: HTMLElement
  /** Shows the words of the document. */
  show(words: string): void
}

export function captionField(actions: CaptionActions, isEditable: boolean): CaptionField {
  const dom = document.createElement('figcaption')
  dom.className = 'caption'
  dom.contentEditable = 'false'
  const field = asField(document.createElement('textarea'), isEditable)
  field.rows = 1
  field.placeholder = 'Add a caption'
  field.setAttribute('aria-label', 'Caption')
  dom.append(field)

  // The style sheet makes the field as high as these words.
  const grow = (): void => {
    dom.dataset.words = field.value
  }
  field.addEventListener('input', ({ isComposing }) => {
    // A caption is one line. An input method would lose what it is composing.
    if (!isComposing && /[\r\n]/.test(field.value)) {
      const { selectionEnd } = field
      field.value = field.value.replace(/\r\n?|\n/g, ' ')
      field.setSelectionRange(selectionEnd, selectionEnd)
    }
    grow()
    actions.change(field.value)
  })
  field.addEventListener('keydown', (event) => {
    const act = actionOf(event, field, actions)
    if (act === null) return
    event.preventDefault()
    act()
  })
  return {
    dom,
    show(words) {
      if (field.value === words) return
      const { value, selectionStart, selectionEnd } = field
      field.value = words
      grow()
      if (document.activeElement !== field) return
      const [start, end] = [selectionStart, selectionEnd].map((at) => caretAfter(value, words, at))
      field.setSelectionRange(start ?? 0, end ?? 0)
    },
  }
}

/** The action of a key; null if the browser handles it. */
export function actionOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'isComposing'>,
  field: Pick<HTMLTextAreaElement, 'value' | 'selectionStart' | 'selectionEnd'>,
  actions: CaptionActions,
): (() => void) | null {
  const { key, isComposing, shiftKey } = event
  if (isComposing) return null
  if (event.ctrlKey || event.metaKey) {
    const letter = key.toLowerCase()
    if (letter === 'z') return shiftKey ? actions.redo : actions.undo
    return letter === 'y' ? actions.redo : null
  }
  const { value, selectionStart, selectionEnd } = field
  switch (key) {
    case 'Enter':
      return () => actions.goBelow(true)
    case 'Escape':
      return actions.selectPicture
    case 'ArrowDown':
      return selectionEnd === value.length ? () => actions.goBelow(false) : null
    case 'ArrowUp':
      return selectionStart === 0 ? actions.selectPicture : null
    case 'Backspace':
      return value === '' ? actions.selectPicture : null
    default:
      return null
  }
}
