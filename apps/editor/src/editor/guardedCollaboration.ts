import type { Extension } from '@tiptap/core'
import { Collaboration } from '@tiptap/extension-collaboration'
import { ySyncPluginKey } from '@tiptap/y-tiptap'
import type { ContentGuard } from './ContentGuard.ts'

/** Collaboration that begins when the guard admits it, and ends as soon as the guard says so. */
export const guardedCollaboration = (guard: ContentGuard, edition: number): Extension =>
  Collaboration.extend({
    addProseMirrorPlugins() {
      const { editor } = this
      const plugins = this.parent?.() ?? []
      const sync = plugins.find(({ spec }) => spec.key === ySyncPluginKey)
      const bind = sync?.spec.view
      if (sync === undefined || bind === undefined) throw new Error('there is nothing to guard')
      sync.spec.view = (view) => {
        // Without a view it may neither read nor write.
        const leave = guard.admit(edition, () => editor.unmount())
        if (leave === null) return {}
        const bound = bind(view)
        return {
          ...bound,
          destroy: () => {
            leave()
            bound.destroy?.()
          },
        }
      }
      return plugins
    },
  }).configure({ fragment: guard.fragment })
