import {
  createUndoManager,
  createYjsBinding,
  setLocalStateFocus,
  syncCursorPositions,
  syncLexicalUpdateToYjs,
  syncYjsChangesToLexical,
} from '@lexical/yjs'
import {
  $createParagraphNode,
  $getRoot,
  BLUR_COMMAND,
  COMMAND_PRIORITY_EDITOR,
  FOCUS_COMMAND,
  type LexicalCommand,
  type LexicalEditor,
  REDO_COMMAND,
  SKIP_COLLAB_TAG,
  UNDO_COMMAND,
} from 'lexical'
import type { ElectricProvider } from 'y-electric'
import type { Person } from './document'

/**
 * Binds an editor to the document of a provider. Call it in the task that opens the document: Lexical shows changes
 * of a document, and would not show content that the document has before.
 * @param carets the element for the carets of others
 */
export function bindLexical(
  editor: LexicalEditor,
  provider: ElectricProvider,
  { name, color }: Person,
  carets: HTMLElement,
): void {
  const { doc, docId: id, awareness } = provider
  const binding = createYjsBinding({ editor, id, doc, docMap: new Map([[id, doc]]) })
  binding.cursorsContainer = carets
  const root = binding.root.getSharedType()
  // Takes back only the edits of this editor.
  const undoManager = createUndoManager(binding, root)

  root.observeDeep((events, { origin }) => {
    if (origin === binding) return
    syncYjsChangesToLexical(binding, provider, events, origin === undoManager)
  })
  editor.registerUpdateListener((update) => {
    if (update.tags.has(SKIP_COLLAB_TAG)) return
    syncLexicalUpdateToYjs(
      binding,
      provider,
      update.prevEditorState,
      update.editorState,
      update.dirtyElements,
      update.dirtyLeaves,
      update.normalizedNodes,
      update.tags,
    )
  })

  // The fields that Lexical expects, beside the user that the list of people shows.
  const caret = { name, color, focusing: false, anchorPos: null, focusPos: null, awarenessData: {} }
  awareness.setLocalState({ ...awareness.getLocalState(), ...caret })
  awareness.on('update', () => syncCursorPositions(binding, provider))

  const focus = (isFocused: boolean) => setLocalStateFocus(provider, name, color, isFocused, {})
  const on = <T>(command: LexicalCommand<T>, run: () => void) => {
    const listener = () => {
      run()
      return true
    }
    editor.registerCommand(command, listener, COMMAND_PRIORITY_EDITOR)
  }
  on(UNDO_COMMAND, () => undoManager.undo())
  on(REDO_COMMAND, () => undoManager.redo())
  on(FOCUS_COMMAND, () => focus(true))
  on(BLUR_COMMAND, () => focus(false))

  // An editor needs a paragraph to type in, which is no edit of this person.
  provider.whenSynced().then(() => {
    if (root.length > 0) return
    editor.update(() => $getRoot().append($createParagraphNode()), { discrete: true })
    undoManager.clear()
  }, console.error)
}
