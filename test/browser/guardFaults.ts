// Editor extensions that throw.
import { Extension, type Node } from '@tiptap/core'
import { Image } from '@tiptap/extension-image'
import { Plugin } from '@tiptap/pm/state'

/** Extensions that throw in places where the guard cannot predict it. */
export const faulty: Record<string, () => Extension | Node> = {
  'a node view': () =>
    Image.extend({
      addNodeView: () => () => {
        throw new Error('the node view failed')
      },
    }),
  'the state of a plugin': () =>
    withPlugin(
      () =>
        new Plugin({
          state: {
            init: () => null,
            apply: (tr) => {
              if (tr.doc.textContent.includes('boom')) throw new Error('the plugin failed')
              return null
            },
          },
        }),
    ),
  'the view of a plugin': () =>
    withPlugin(
      () =>
        new Plugin({
          view: () => ({
            update: ({ state }) => {
              if (state.doc.textContent.includes('boom')) throw new Error('the view failed')
            },
          }),
        }),
    ),
  decorations: () =>
    withPlugin(
      () =>
        new Plugin({
          props: {
            decorations: ({ doc }) => {
              if (doc.textContent.includes('boom')) throw new Error('the decorations failed')
              return null
            },
          },
        }),
    ),
  'reading what a browser typed': () =>
    withPlugin(
      () =>
        new Plugin({
          props: {
            handleTextInput: ({ state }, from, _to, text) => {
              const before = state.doc.textBetween(0, from) + text
              if (before.endsWith('boom')) throw new Error('reading failed')
              return false
            },
          },
        }),
    ),
}

const withPlugin = (plugin: () => Plugin): Extension =>
  Extension.create({ name: 'faulty', addProseMirrorPlugins: () => [plugin()] })
