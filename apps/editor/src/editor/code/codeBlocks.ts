import { CodeBlockLowlight } from '@tiptap/extension-code-block-lowlight'
import type { Node } from '@tiptap/pm/model'
import { Plugin } from '@tiptap/pm/state'
import type { EditorView } from '@tiptap/pm/view'
import { codeBlockView } from './codeBlockView.ts'
import { highlighter, isHighlighterLoaded, loadHighlighter } from './highlighting.ts'

const LOADED = 'grammars loaded'

/** Code blocks with colours, once the grammars are loaded, and with the choice of their language. */
export const codeBlocks = CodeBlockLowlight.extend({
  addNodeView: () => codeBlockView,
  addKeyboardShortcuts() {
    return {
      ...this.parent?.(),
      // Tab indents code, so this is the way out of a code block by keys.
      Escape: ({ editor }) => {
        const { $from } = editor.state.selection
        if ($from.parent.type !== this.type) return false
        const dom = editor.view.nodeDOM($from.before())
        const select = dom instanceof HTMLElement ? dom.querySelector('select') : null
        select?.focus()
        return select !== null
      },
    }
  },
  addProseMirrorPlugins() {
    return (this.parent?.() ?? []).map(paintedAgain)
  },
}).configure({ lowlight: highlighter, enableTabIndentation: true, tabSize: 2 })

/** The plugin of lowlight colours blocks only when they change; this one also does when grammars arrive. */
function paintedAgain(plugin: Plugin): Plugin {
  const { state } = plugin.spec
  if (state === undefined) return plugin
  const again: Plugin = new Plugin({
    ...plugin.spec,
    state: {
      init: state.init,
      apply: (transaction, value, before, after) =>
        transaction.getMeta(LOADED) === true
          ? state.init.call(again, { doc: after.doc }, after)
          : state.apply.call(again, transaction, value, before, after),
    },
    props: { decorations: (current) => again.getState(current) },
    view: (view) => {
      let isOpen = true
      const look = () => {
        if (isHighlighterLoaded() || !hasCode(view.state.doc)) return
        void loadHighlighter().then(() => {
          if (isOpen && isHighlighterLoaded()) repaint(view)
        })
      }
      look()
      return {
        update: (_, before) => {
          if (before.doc !== view.state.doc) look()
        },
        destroy: () => {
          isOpen = false
        },
      }
    },
  })
  return again
}

const repaint = (view: EditorView): void => view.dispatch(view.state.tr.setMeta(LOADED, true))

/** True if a block of code names its language. Stops at the first one. */
function hasCode(doc: Node): boolean {
  let isFound = false
  doc.descendants((node) => {
    if (node.type.name === 'codeBlock' && typeof node.attrs.language === 'string') isFound = true
    return !isFound && !node.isTextblock
  })
  return isFound
}
