import { Extension } from '@tiptap/core'
import { Plugin, PluginKey } from '@tiptap/pm/state'
import { Decoration, DecorationSet } from '@tiptap/pm/view'
import type { Editor } from '@tiptap/react'

/** A part of the text in the colour of its author. */
export interface Shade {
  readonly from: number
  readonly to: number
  readonly isNode: boolean
  readonly color: string
  readonly name: string
}

const key = new PluginKey<DecorationSet>('authorship')

/** Shows in the text who wrote which part. */
export const authorship = Extension.create({
  name: 'authorship',
  addProseMirrorPlugins: () => [
    new Plugin<DecorationSet>({
      key,
      state: {
        init: () => DecorationSet.empty,
        apply: (tr, shown) => {
          const shades = tr.getMeta(key) as readonly Shade[] | undefined
          return shades === undefined
            ? shown.map(tr.mapping, tr.doc)
            : DecorationSet.create(tr.doc, shades.map(decorationOf))
        },
      },
      props: { decorations: (state) => key.getState(state) },
    }),
  ],
})

/** Shows these shades; an empty list ends it. */
export function showShades({ view, state }: Editor, shades: readonly Shade[]): void {
  view.dispatch(state.tr.setMeta(key, shades))
}

function decorationOf({ from, to, isNode, color, name }: Shade): Decoration {
  const attributes = { class: 'author', style: `--author: ${color}`, title: name }
  return isNode ? Decoration.node(from, to, attributes) : Decoration.inline(from, to, attributes)
}
