import { type Editor, Extension, type Range } from '@tiptap/core'
import { isChangeOrigin } from '@tiptap/extension-collaboration'
import { PluginKey } from '@tiptap/pm/state'
import { Suggestion } from '@tiptap/suggestion'
import { ALL_BLOCKS, blocksMatching } from '../blocks.ts'
import { emojiMatching } from './emoji.ts'
import type { Suggested, SuggestionList } from './SuggestionList.ts'

/** A list that a typed character opens. */
interface Source {
  readonly name: string
  readonly label: string
  readonly char: string
  readonly allowSpaces?: boolean
  readonly items: (query: string) => Suggested[] | Promise<Suggested[]>
  readonly choose: (editor: Editor, range: Range, item: Suggested) => void
}

export interface SuggestionSettings {
  readonly list: SuggestionList
  /** The people who can be mentioned: those with the document open. */
  readonly people: () => readonly { id: string; name: string; color: string }[]
}

/** The lists that open while a person types: `/` for blocks, `@` for people, `:` for emoji. */
export const suggestions = ({ list, people }: SuggestionSettings): Extension =>
  Extension.create({
    name: 'suggestions',
    // Before the keymaps of blocks, so that Enter and Tab choose while a list is open.
    priority: 1_100,
    addProseMirrorPlugins() {
      return [BLOCKS, peopleSource(people), EMOJI].map((source) =>
        pluginOf(source, this.editor, list),
      )
    },
  })

function pluginOf(source: Source, editor: Editor, list: SuggestionList) {
  const pluginKey = new PluginKey(`suggestions of ${source.name}`)
  const isOpen = () => list.current()?.label === source.label
  return Suggestion<Suggested, Suggested>({
    editor,
    pluginKey,
    char: source.char,
    allowSpaces: source.allowSpaces ?? false,
    allow: ({ state }) => state.selection.$from.parent.type.spec.code !== true && editor.isEditable,
    // Opens for this person's own typing only: neither for the edit of another, nor when the caret moves
    // to a slash that has long been there.
    shouldShow: ({ transaction }) =>
      isOpen() || (transaction.docChanged && !isChangeOrigin(transaction)),
    items: ({ query }) => source.items(query),
    command: ({ range, props }) => source.choose(editor, range, props),
    render: () => ({
      onStart: (props) => list.start(source.label, props),
      onUpdate: (props) => list.update(props),
      onExit: () => {
        if (isOpen()) list.close()
      },
      onKeyDown: ({ event }) => list.handleKey(event),
    }),
  })
}

const BLOCKS: Source = {
  name: 'blocks',
  label: 'Blocks',
  char: '/',
  allowSpaces: true,
  items: (query) =>
    blocksMatching(query).map(({ name, label, markdown }) => ({
      id: name,
      label,
      icon: name,
      ...(markdown === null ? {} : { note: markdown }),
    })),
  choose: (editor, range, { id }) => {
    const block = ALL_BLOCKS.find(({ name }) => name === id)
    block?.apply(editor.chain().focus().deleteRange(range)).run()
  },
}

const MOST_PEOPLE = 8

const peopleSource = (people: SuggestionSettings['people']): Source => ({
  name: 'people',
  label: 'People here',
  char: '@',
  items: (query) => {
    const sought = query.toLowerCase()
    return people()
      .filter(({ name }) =>
        name
          .toLowerCase()
          .split(' ')
          .some((word) => word.startsWith(sought)),
      )
      .slice(0, MOST_PEOPLE)
      .map(({ id, name, color }) => ({ id, label: name, color }))
  },
  choose: (editor, range, { id, label }) => {
    editor
      .chain()
      .focus()
      .insertContentAt(range, [
        { type: 'mention', attrs: { id, label } },
        { type: 'text', text: ' ' },
      ])
      .run()
  },
})

/** One letter matches hundreds, and a colon before one letter is often plain text. */
const SHORTEST_EMOJI = 2

const EMOJI: Source = {
  name: 'emoji',
  label: 'Emoji',
  char: ':',
  items: async (query) => (query.length < SHORTEST_EMOJI ? [] : emojiMatching(query)),
  choose: (editor, range, { sign = '' }) => {
    editor.chain().focus().insertContentAt(range, sign).run()
  },
}
