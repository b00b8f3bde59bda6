import { Extension } from '@tiptap/core'
import { Plugin } from '@tiptap/pm/state'
import { DecorationSet, type EditorView } from '@tiptap/pm/view'
import { setMeta, yCursorPlugin, yCursorPluginKey } from '@tiptap/y-tiptap'
import type { Awareness } from 'y-protocols/awareness'
import {
  createAbsolutePositionFromRelativePosition,
  createRelativePositionFromJSON,
  type Doc,
} from 'yjs'
import { personAmong } from '../people/people.ts'
import { CaretLabels } from './caretLabels.ts'

/** The carets and selections of other people. */
export function carets(awareness: Awareness): Extension {
  return Extension.create({
    name: 'carets',
    // After Collaboration, because it uses its mapping.
    priority: 999,

    addProseMirrorPlugins() {
      const labels = new CaretLabels(awareness)
      return [
        yCursorPlugin(awareness, {
          awarenessStateFilter: (own: number, clientId: number, state: unknown) =>
            clientId !== own && isDrawable(state, awareness.doc),
          cursorBuilder: (_user: unknown, clientId: number) => labels.draw(clientId),
          selectionBuilder: (_user: unknown, clientId: number) => ({
            class: 'selected-by-other',
            style: `--person: ${personAmong(awareness.getStates(), clientId).color}`,
          }),
        }) as Plugin,
        new Plugin({
          view: () => {
            labels.open()
            return {
              update: (view, before) => {
                drawAgainIfLost(view, before)
                labels.turn()
              },
              destroy: labels.close,
            }
          },
        }),
      ]
    },
  })
}

/**
 * A local edit that moves blocks removes all carets until they move, so a resting person would
 * disappear. The carets are drawn again once Yjs has the edit too.
 */
function drawAgainIfLost(view: EditorView, before: EditorView['state']): void {
  const [drawn, now] = [before, view.state].map((state) => yCursorPluginKey.getState(state))
  if (
    drawn !== DecorationSet.empty &&
    now === DecorationSet.empty &&
    before.doc !== view.state.doc
  ) {
    setMeta(view, yCursorPluginKey, { awarenessUpdated: true })
  }
}

/** True if a state that another client sent can be drawn; y-tiptap does not check it and fails. */
function isDrawable(state: unknown, doc: Doc): boolean {
  if (typeof state !== 'object' || state === null || !('cursor' in state)) return false
  if ('user' in state && (typeof state.user !== 'object' || state.user === null)) return false
  const { cursor } = state
  if (typeof cursor !== 'object' || cursor === null) return false
  if (!('anchor' in cursor && 'head' in cursor)) return false
  return isPosition(cursor.anchor, doc) && isPosition(cursor.head, doc)
}

/** True for a position in the text, or in text that has not arrived yet. */
function isPosition(value: unknown, doc: Doc): boolean {
  try {
    const position = createRelativePositionFromJSON(value)
    // Resolving an unknown root name would create that root type.
    if (position.tname !== null && !doc.share.has(position.tname)) return false
    createAbsolutePositionFromRelativePosition(position, doc)
    return true
  } catch {
    return false
  }
}
