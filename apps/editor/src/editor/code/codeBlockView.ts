import type { Editor, NodeViewRenderer } from '@tiptap/core'
import type { Node } from '@tiptap/pm/model'
import { TextSelection } from '@tiptap/pm/state'
import { languageSelect } from './languageSelect.ts'

const nameIn = ({ attrs }: Node): string =>
  typeof attrs.language === 'string' ? attrs.language : ''

/** A code block with the choice of its language. */
export const codeBlockView: NodeViewRenderer = ({ editor, node: first, getPos }) => {
  let node = first
  const dom = document.createElement('pre')
  const code = document.createElement('code')
  const at = (act: (pos: number) => void) => {
    const pos = getPos()
    if (pos !== undefined) act(pos)
  }
  const select = languageSelect(
    {
      choose: (name) => at((pos) => setLanguage(editor, pos, name)),
      leave: () => at((pos) => goToCode(editor, pos)),
    },
    editor.isEditable,
  )
  const show = () => {
    const name = nameIn(node)
    select.show(name)
    if (name === '') code.removeAttribute('class')
    else code.className = `language-${name}`
  }
  dom.append(select.dom, code)
  show()
  return {
    dom,
    contentDOM: code,
    update(next) {
      if (next.type !== node.type) return false
      const isSame = nameIn(next) === nameIn(node)
      node = next
      if (!isSame) show()
      return true
    },
    ignoreMutation: (mutation) => mutation.type !== 'selection' && !code.contains(mutation.target),
    stopEvent: ({ target }) => target === select.dom,
  }
}

function setLanguage(editor: Editor, pos: number, name: string): void {
  if (!editor.isEditable) return
  const { state, view } = editor
  view.dispatch(state.tr.setNodeAttribute(pos, 'language', name === '' ? null : name))
}

/** Puts the caret back into the code; to its start if it was elsewhere. */
function goToCode({ state, view }: Editor, pos: number): void {
  // The code was coloured again meanwhile. Chromium would type at the place that its old caret has in the new elements.
  view.dom.ownerDocument.getSelection()?.removeAllRanges()
  view.focus()
  const { $from } = state.selection
  const isInside = $from.depth > 0 && $from.before() === pos
  if (!isInside) view.dispatch(state.tr.setSelection(TextSelection.create(state.doc, pos + 1)))
}
