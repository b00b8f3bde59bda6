import { isChangeOrigin } from '@tiptap/extension-collaboration'
import { type EditorState, Plugin, PluginKey, type Transaction } from '@tiptap/pm/state'
import { Decoration, DecorationSet } from '@tiptap/pm/view'
import {
  absolutePositionToRelativePosition,
  relativePositionToAbsolutePosition,
  ySyncPluginKey,
} from '@tiptap/y-tiptap'
import type { XmlFragment } from 'yjs'
import type { Uploads } from './Uploads.ts'

/** The place in the text to which a picture is on its way. */
interface Place {
  readonly id: number
  readonly pos: number
}

interface Change {
  readonly add?: readonly Place[]
  readonly remove?: {
    /** The picture that this transaction puts into the text, or that is not added any more. */
    readonly id: number
    /** The position behind the picture; absent if it is not in the text. */
    readonly end?: number
  }
}

const key = new PluginKey<readonly Place[]>('picturePlaces')

/** Marks places in the text. */
export const addPlaces = (tr: Transaction, add: readonly Place[]): Transaction =>
  tr.setMeta(key, { add } satisfies Change)

/** Removes the place of a picture. @param end the position behind the picture, if the transaction adds it */
export const removePlace = (tr: Transaction, id: number, end?: number): Transaction =>
  tr.setMeta(key, { remove: end === undefined ? { id } : { id, end } } satisfies Change)

export const placeOf = (state: EditorState, id: number): number | null =>
  key.getState(state)?.find((place) => place.id === id)?.pos ?? null

/** The state of the binding between the editor and the document. */
interface Bound {
  readonly type: XmlFragment
  readonly binding: { readonly mapping: Map<never, never> } | null
}

export const boundOf = (state: EditorState): Bound => ySyncPluginKey.getState(state) as Bound

/**
 * Shows at its place each picture that is on its way. The document does not contain it yet, so other people see
 * nothing, and a page that is reloaded leaves nothing behind.
 */
export function picturePlaces(uploads: Uploads): Plugin<readonly Place[]> {
  // An edit of another person replaces the whole text of the editor, so positions are also kept as Yjs has them.
  const marks = new Map<number, unknown>()
  return new Plugin<readonly Place[]>({
    key,
    state: {
      init: () => [],
      apply(tr, places, state) {
        const change = tr.getMeta(key) as Change | undefined
        if (change === undefined && !tr.docChanged) return places
        const { id: gone, end } = change?.remove ?? {}
        const before = places.find(({ id }) => id === gone)?.pos
        const kept = places.filter(({ id }) => id !== gone)
        const moved = kept.map(({ id, pos }) => {
          if (isChangeOrigin(tr)) return { id, pos: markedPlace(state, marks.get(id)) ?? pos }
          // Pictures that were chosen together stay in their order.
          const follows = gone !== undefined && gone < id && pos === before
          // Words that are typed at a place come behind its picture.
          return { id, pos: follows && end !== undefined ? end : tr.mapping.map(pos, -1) }
        })
        const all = [...moved, ...(change?.add ?? [])]
        return all.map(({ id, pos }) => ({ id, pos: Math.min(pos, tr.doc.content.size) }))
      },
    },
    props: {
      decorations(state) {
        const places = key.getState(state) ?? []
        const widgets = places.flatMap(({ id, pos }) => {
          const element = uploads.find(id)?.element
          if (element === undefined) return []
          const options = { key: `upload ${id}`, side: -1, stopEvent: () => true }
          return [Decoration.widget(pos, element, { ...options, ignoreSelection: true })]
        })
        return DecorationSet.create(state.doc, widgets)
      },
    },
    view: () => ({
      update({ state }, before) {
        const places = key.getState(state) ?? []
        if (places === key.getState(before)) return
        marks.clear()
        for (const { id, pos } of places) marks.set(id, markOf(state, pos))
      },
    }),
  })
}

function markOf(state: EditorState, pos: number): unknown {
  const { type, binding } = boundOf(state)
  return binding && absolutePositionToRelativePosition(pos, type, binding.mapping)
}

function markedPlace(state: EditorState, mark: unknown): number | null {
  const { type, binding } = boundOf(state)
  if (binding === null || mark === null || mark === undefined) return null
  return relativePositionToAbsolutePosition(type.doc as never, type, mark as never, binding.mapping)
}
