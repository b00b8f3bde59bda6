import { Extension } from '@tiptap/core'
import type { Command, EditorState } from '@tiptap/pm/state'
import {
  findNext,
  findPrev,
  getMatchHighlights,
  replaceAll,
  replaceNext,
  SearchQuery,
  search,
  setSearchState,
} from 'prosemirror-search'

/** Marks the found places; the query is part of the editor's state. */
export const finding = Extension.create({
  name: 'finding',
  addProseMirrorPlugins: () => [search()],
})

export interface Wanted {
  readonly text: string
  readonly replacement: string
  readonly isCaseSensitive: boolean
}

export const NOTHING_WANTED: Wanted = { text: '', replacement: '', isCaseSensitive: false }

export const look =
  ({ text, replacement, isCaseSensitive }: Wanted): Command =>
  (state, dispatch) => {
    const query = new SearchQuery({
      search: text,
      replace: replacement,
      caseSensitive: isCaseSensitive,
      literal: true,
    })
    dispatch?.(setSearchState(state.tr, query))
    return true
  }

export const goForward: Command = findNext
export const goBack: Command = findPrev
export const replaceOne: Command = replaceNext
export const replaceEvery: Command = replaceAll

export interface Found {
  readonly count: number
  /** Which of them is selected, from 1; 0 if none is. */
  readonly current: number
}

export function foundIn(state: EditorState): Found {
  const all = getMatchHighlights(state).find()
  const { from, to } = state.selection
  return {
    count: all.length,
    current: all.findIndex((one) => one.from === from && one.to === to) + 1,
  }
}
