import type { Transaction } from '@tiptap/pm/state'
import type { EditorView } from '@tiptap/pm/view'

/**
 * An exception inside an editor, and the text of the edit that failed with it; null if it was not
 * an edit.
 */
type OnFailure = (error: Error, unsaved: string | null) => void

/** A view whose exceptions end editing, and do not reach the code that caused the update. */
export interface WatchedView {
  /** True while a transaction of the local user is applied. */
  isWriting(): boolean
  /** Runs a function of the binding; an exception ends editing. @returns undefined if it threw */
  run<T>(work: () => T): T | undefined
  /** From now on the view accepts no input and no transaction, and its content does not change. */
  freeze(): void
  /**
   * Stops watching, unless the view is frozen. The view may live on: ProseMirror creates all views
   * of plugins again when a plugin is registered, and each of them watches for itself.
   */
  end(): void
}

/** Parts of the view that read what a browser typed into the DOM; not in its types. */
interface WithDomObserver {
  readonly domObserver?: { handleDOMChange?: (...args: never[]) => void; stop?: () => void }
}

/**
 * Watches everything by which a binding and a view affect each other: transactions, updates of the
 * view, and reads from the DOM.
 * @param isRemote whether a transaction brings a change from the document
 */
export function watchView(
  view: EditorView,
  { isRemote, onFailure }: { isRemote: (tr: Transaction) => boolean; onFailure: OnFailure },
): WatchedView {
  let isFrozen = false
  let isOver = false
  let current: Transaction | null = null

  const failed = (cause: unknown, typed: string | null = null): void => {
    if (isFrozen) return
    const edit = current?.docChanged ? current : null
    const error = cause instanceof Error ? cause : new Error(String(cause))
    onFailure(error, edit === null ? typed : textOf(edit))
  }
  const run = <T>(work: () => T): T | undefined => {
    try {
      return work()
    } catch (error) {
      failed(error)
      return undefined
    }
  }

  // If another watcher has wrapped these functions meanwhile, they stay in the chain and only pass
  // calls on.
  const dispatch = view.dispatch
  const watchedDispatch: typeof dispatch = (tr) => {
    if (isFrozen) return
    if (isOver) {
      dispatch.call(view, tr)
      return
    }
    const before = current
    current = isRemote(tr) ? null : tr
    run(() => dispatch.call(view, tr))
    current = before
  }
  view.dispatch = watchedDispatch
  const updateState = view.updateState
  const watchedUpdate: typeof updateState = (state) => {
    if (isOver) updateState.call(view, state)
    else if (!isFrozen) run(() => updateState.call(view, state))
  }
  view.updateState = watchedUpdate
  const { domObserver } = view as unknown as WithDomObserver
  const handleDOMChange = domObserver?.handleDOMChange
  let watchedDOMChange: typeof handleDOMChange
  if (domObserver !== undefined && handleDOMChange !== undefined) {
    watchedDOMChange = (...args) => {
      if (isFrozen) return
      if (isOver) {
        handleDOMChange.apply(domObserver, args)
        return
      }
      try {
        handleDOMChange.apply(domObserver, args)
      } catch (error) {
        // The text is in the page, but in no transaction.
        failed(error, textAtCaret(view))
      }
    }
    domObserver.handleDOMChange = watchedDOMChange
  }

  return {
    isWriting: () => current !== null,
    run,
    freeze() {
      isFrozen = true
      domObserver?.stop?.()
      view.editable = false
      view.dom.contentEditable = 'false'
      view.dom.setAttribute('aria-readonly', 'true')
    },
    end() {
      if (isFrozen) return
      isOver = true
      if (view.dispatch === watchedDispatch) view.dispatch = dispatch
      if (view.updateState === watchedUpdate) view.updateState = updateState
      if (domObserver !== undefined && domObserver.handleDOMChange === watchedDOMChange) {
        Object.assign(domObserver, { handleDOMChange })
      }
    },
  }
}

const textAtCaret = ({ dom }: EditorView): string | null =>
  dom.ownerDocument.getSelection()?.anchorNode?.textContent ?? null

/** The text of the blocks that an edit changed. */
function textOf({ doc, mapping }: Transaction): string {
  let [from, to] = [doc.content.size, 0]
  mapping.maps.forEach((map, index) => {
    map.forEach((_oldFrom, _oldTo, start, end) => {
      from = Math.min(from, mapping.slice(index + 1).map(start, -1))
      to = Math.max(to, mapping.slice(index + 1).map(end))
    })
  })
  if (from > to) return ''
  const [start, end] = [doc.resolve(from).start(), doc.resolve(to).end()]
  return doc.textBetween(start, end, '\n', ' ')
}
