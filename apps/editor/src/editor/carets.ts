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
import { personIn } from '../people/people.ts'
import { CaretLabels } from './caretLabels.ts'

/** Where others write, and what they have selected. */
export function carets(awareness: Awareness): Extension {
  return Extension.create({
    name: 'carets',
    // After Collaboration, on whose mapping it stands.
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
            style: `--person: ${personIn(awareness.getStates().get(clientId), clientId).color}`,
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
 * An edit of ours that moves blocks takes all carets off the page until they move; who rests would
 * not be seen again. They are drawn again once Yjs has the edit too.
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

/** What a stranger's page sent can be drawn; y-tiptap takes it as it comes, and stumbles. */
function isDrawable(state: unknown, doc: Doc): boolean {
  if (typeof state !== 'object' || state === null || !('cursor' in state)) return false
  if ('user' in state && (typeof state.user !== 'object' || state.user === null)) return false
  const { cursor } = state
  if (typeof cursor !== 'object' || cursor === null) return false
  if (!('anchor' in cursor && 'head' in cursor)) return false
  return isPosition(cursor.anchor, doc) && isPosition(cursor.head, doc)
}

/** Somewhere in the text, or where text was that is not here yet. */
function isPosition(value: unknown, doc: Doc): boolean {
  try {
    const position = createRelativePositionFromJSON(value)
    // Asking for a root type by another name would make one.
    if (position.tname !== null && !doc.share.has(position.tname)) return false
    createAbsolutePositionFromRelativePosition(position, doc)
    return true
  } catch {
    return false
  }
}
