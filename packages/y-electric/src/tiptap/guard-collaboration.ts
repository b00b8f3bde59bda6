import type { Editor, Extension } from '@tiptap/core'
import { Plugin, type PluginView, type Transaction } from '@tiptap/pm/state'
import type { EditorView } from '@tiptap/pm/view'
import type { Doc, XmlFragment } from 'yjs'
import { ContentGuard, type GuardState, reporting } from './content-guard.ts'
import { watchView } from './watched-view.ts'

export interface GuardCollaborationOptions {
  /**
   * Called when editing ends: the editor would lose part of the document (`foreign`), or it threw
   * (`error`). The document is unchanged, and the editor accepts no more input. Show the document
   * read-only from here on.
   */
  readonly onStop?: (state: GuardState) => void
  /**
   * Called when the document has no foreign parts any more. A new editor for the same document can
   * edit it; this one stays unbound.
   */
  readonly onRecover?: () => void
  /**
   * A guard of your own, for an app that creates new editors itself: the extension binds the editor
   * only if the guard is in the same edition as when the extension was created. Default: a guard
   * for the schema of the editor, closed with it.
   */
  readonly guard?: ContentGuard
}

/** The options of TipTap's Collaboration that say where the text is. */
interface Place {
  readonly document?: Doc | null
  readonly field?: string
  readonly fragment?: XmlFragment | null
}

/** The key of the sync plugin of y-tiptap and y-prosemirror, with a number if there are several. */
const SYNC_KEY = /^y-sync\$/

/**
 * Guards TipTap's Collaboration, so that no edit is lost silently. Without it, an editor deletes
 * for everybody what its schema refuses, and an exception in the editor stops saving without a
 * sign. With it, the editor is unbound before it receives such a change, or as soon as it throws:
 * it accepts no more input, the document stays unchanged, `onStop` is called, and the editor emits
 * TipTap's `contentError`.
 *
 * @param collaboration `Collaboration.configure({ document })`
 * @returns the extension to use instead
 */
export function guardCollaboration<Options extends Place, Storage>(
  collaboration: Extension<Options, Storage>,
  { onStop, onRecover, guard: shared }: GuardCollaborationOptions = {},
): Extension<Options, Storage> {
  const edition = shared?.getState().edition
  // An extension that is made from the guarded one with `extend` has this method twice: as its own, and as
  // that of its parent.
  const guarded = new WeakSet<Plugin>()
  return collaboration.extend({
    addProseMirrorPlugins() {
      const { editor, options, parent } = this
      const plugins = parent?.() ?? []
      const sync = plugins.find((plugin) => SYNC_KEY.test(keyOf(plugin)))
      const bind = sync?.spec.view
      if (sync === undefined || bind === undefined) {
        throw new TypeError('guardCollaboration: this extension has no sync plugin of y-tiptap')
      }
      if (guarded.has(sync)) return plugins
      guarded.add(sync)
      let isOpen = true
      const stop = (state: GuardState): void => {
        if (isOpen) {
          isOpen = false
          reporting(() => onStop?.(state))
          announce(editor, state)
        }
      }
      sync.spec.view = (view) => {
        const guard = shared ?? new ContentGuard(fragmentOf(options), { schema: editor.schema })
        const binding = bindGuarded(view, { guard, edition, sync, bind, stop })
        const end = guard.subscribe(() => {
          const { foreign, error } = guard.getState()
          if (foreign.length === 0 && error === null) onRecover?.()
        })
        return {
          update: (...args) => binding.update?.(...args),
          destroy() {
            end()
            binding.destroy?.()
            if (shared === undefined) guard.close()
          },
        }
      }
      const lock = new Plugin({
        props: { editable: () => isOpen },
        filterTransaction: (tr) => isOpen || !tr.docChanged,
      })
      return [...plugins, lock]
    },
  })
}

/** ProseMirror sets the text of the key on each plugin, but its types do not show it. */
const keyOf = (plugin: Plugin): string => (plugin as unknown as { readonly key: string }).key

function fragmentOf({ document, field = 'default', fragment }: Place): XmlFragment {
  const found = fragment ?? document?.getXmlFragment(field)
  if (found === undefined) {
    throw new TypeError('guardCollaboration: Collaboration has neither a document nor a fragment')
  }
  return found
}

interface Binding {
  readonly guard: ContentGuard
  readonly edition: number | undefined
  readonly sync: Plugin
  readonly bind: (view: EditorView) => PluginView
  readonly stop: (state: GuardState) => void
}

function bindGuarded(
  view: EditorView,
  { guard, edition = guard.getState().edition, sync, bind, stop }: Binding,
): PluginView {
  let bound: PluginView | undefined
  const unbind = (): void => {
    watched.freeze()
    const leaving = bound
    bound = undefined
    reporting(() => leaving?.destroy?.())
    stop(guard.getState())
  }
  const watched = watchView(view, {
    isRemote: (tr) => isFromDocument(tr, sync),
    onFailure(error, unsaved) {
      console.error(error)
      guard.fail(error, unsaved)
      // The guard may be closed already, or have failed because of another editor.
      unbind()
    },
  })
  const leave = guard.admit(edition, { unbind, isWriting: watched.isWriting })
  if (leave === null) {
    // An unbound editor may neither show nor change the document.
    unbind()
    return {}
  }
  const made = watched.run(() => bind(view))
  if (guard.getState().edition === edition && made !== undefined) {
    bound = made
    watchObserver(sync.getState(view.state), watched.run)
  } else made?.destroy?.()
  return {
    update: (...args) => bound?.update?.(...args),
    destroy() {
      leave()
      const leaving = bound
      bound = undefined
      leaving?.destroy?.()
      watched.end()
    },
  }
}

/** True for a transaction in which the binding shows a change of the document. */
function isFromDocument(tr: Transaction, sync: Plugin): boolean {
  const about: unknown = tr.getMeta(sync)
  return typeof about === 'object' && about !== null && 'isChangeOrigin' in about
}

/**
 * The work of y-tiptap before it dispatches a change; it must not throw into the document's
 * transaction.
 */
function watchObserver(state: unknown, run: (work: () => void) => void): void {
  const binding = (state as { binding?: SyncBinding } | undefined)?.binding
  const observe = binding?._observeFunction
  if (binding === undefined || observe === undefined) return
  binding.type.unobserveDeep(observe)
  binding._observeFunction = (...args) => run(() => observe(...args))
  binding.type.observeDeep(binding._observeFunction)
}

interface SyncBinding {
  readonly type: XmlFragment
  _observeFunction?: Parameters<XmlFragment['observeDeep']>[0]
}

/** TipTap's own event for content that an editor cannot use. */
function announce(editor: Editor, { foreign, error }: GuardState): void {
  const cause =
    error ?? new Error(`the document has parts that this editor would lose: ${foreign.join(', ')}`)
  try {
    editor.emit('contentError', { editor, error: cause, disableCollaboration() {} })
  } catch (thrown) {
    // Without `onContentError`, TipTap throws the error into the code that changed the document.
    if (thrown !== cause) console.error(thrown)
  }
}
