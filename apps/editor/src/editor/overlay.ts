import { Extension } from '@tiptap/core'
import type { Node } from '@tiptap/pm/model'
import { Plugin, PluginKey } from '@tiptap/pm/state'
import { DecorationSet } from '@tiptap/pm/view'
import type { Editor } from '@tiptap/react'

/** Something that is drawn over the text, and that follows the text until it is replaced. */
export interface Overlay<T> {
  readonly extension: Extension
  /** Draws these parts in place of those before; an empty list draws nothing. */
  show(editor: Editor, parts: readonly T[]): void
}

export function overlay<T>(
  name: string,
  draw: (doc: Node, parts: readonly T[]) => DecorationSet,
): Overlay<T> {
  const key = new PluginKey<DecorationSet>(name)
  const plugin = (): Plugin<DecorationSet> =>
    new Plugin<DecorationSet>({
      key,
      state: {
        init: () => DecorationSet.empty,
        apply: (tr, shown) => {
          const parts = tr.getMeta(key) as readonly T[] | undefined
          return parts === undefined ? shown.map(tr.mapping, tr.doc) : draw(tr.doc, parts)
        },
      },
      props: { decorations: (state) => key.getState(state) },
    })
  return {
    extension: Extension.create({ name, addProseMirrorPlugins: () => [plugin()] }),
    show: ({ view, state }, parts) => view.dispatch(state.tr.setMeta(key, parts)),
  }
}
