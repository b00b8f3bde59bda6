import type { ChainedCommands, Editor } from '@tiptap/core'
import './pictures/pictures.ts'
import type { IconName } from './icons.tsx'
import { newTable } from './tables/newTable.ts'

/** A kind of block that a person can choose by name. */
export interface Block {
  readonly name: IconName
  readonly label: string
  /** Other words by which people look for it. */
  readonly keywords: string
  /** The Markdown that makes it, typed at the start of a line; null if there is none. */
  readonly markdown: string | null
  readonly apply: (chain: ChainedCommands) => ChainedCommands
  /** True if the block around the selection is one; absent for blocks that are inserted. */
  readonly isOn?: (editor: Editor) => boolean
}

const heading = (level: 1 | 2 | 3, keywords: string): Block => ({
  name: `heading${level}`,
  label: `Heading ${level}`,
  keywords: `h${level} title ${keywords}`,
  markdown: '#'.repeat(level),
  apply: (chain) => chain.clearNodes().setNode('heading', { level }),
  isOn: (editor) => editor.isActive('heading', { level }),
})

/** Blocks of text: any of them can be turned into any other. */
export const TEXT_BLOCKS: readonly Block[] = [
  {
    name: 'paragraph',
    label: 'Text',
    keywords: 'paragraph plain normal',
    markdown: null,
    apply: (chain) => chain.clearNodes(),
    isOn: (editor) =>
      editor.isActive('paragraph') &&
      !['listItem', 'taskItem', 'blockquote'].some((name) => editor.isActive(name)),
  },
  heading(1, 'large'),
  heading(2, 'section'),
  heading(3, 'small'),
  {
    name: 'bulletList',
    label: 'Bulleted list',
    keywords: 'unordered points',
    markdown: '-',
    apply: (chain) => chain.clearNodes().toggleBulletList(),
    isOn: (editor) => editor.isActive('bulletList'),
  },
  {
    name: 'orderedList',
    label: 'Numbered list',
    keywords: 'ordered steps',
    markdown: '1.',
    apply: (chain) => chain.clearNodes().toggleOrderedList(),
    isOn: (editor) => editor.isActive('orderedList'),
  },
  {
    name: 'taskList',
    label: 'Task list',
    keywords: 'todo check box',
    markdown: '[ ]',
    apply: (chain) => chain.clearNodes().toggleTaskList(),
    isOn: (editor) => editor.isActive('taskList'),
  },
  {
    name: 'quote',
    label: 'Quote',
    keywords: 'blockquote citation',
    markdown: '>',
    apply: (chain) => chain.clearNodes().setBlockquote(),
    isOn: (editor) => editor.isActive('blockquote'),
  },
  {
    name: 'codeBlock',
    label: 'Code block',
    keywords: 'program source pre',
    markdown: '```',
    apply: (chain) => chain.clearNodes().setCodeBlock(),
    isOn: (editor) => editor.isActive('codeBlock'),
  },
]

/** The content that is put into the text at the caret. */
export const INSERTIONS: readonly Block[] = [
  {
    name: 'image',
    label: 'Picture',
    keywords: 'image photo file upload',
    markdown: null,
    apply: (chain) => chain.choosePictures(),
  },
  {
    name: 'table',
    label: 'Table',
    keywords: 'rows columns grid',
    markdown: '| a | b |',
    apply: (chain) => chain.command(newTable({ rows: 3, columns: 3 })),
  },
  {
    name: 'rule',
    label: 'Divider',
    keywords: 'horizontal rule line break hr',
    markdown: '---',
    apply: (chain) => chain.setHorizontalRule(),
  },
  {
    name: 'emoji',
    label: 'Emoji',
    keywords: 'smiley picture face',
    markdown: ':',
    apply: (chain) => chain.insertContent(':'),
  },
  {
    name: 'mention',
    label: 'Mention somebody',
    keywords: 'person people name at',
    markdown: '@',
    apply: (chain) => chain.insertContent('@'),
  },
]

export const ALL_BLOCKS: readonly Block[] = [...TEXT_BLOCKS, ...INSERTIONS]

/** The blocks that match typed words: those whose label starts with them first. */
export function blocksMatching(query: string): Block[] {
  const sought = query.trim().toLowerCase()
  if (sought === '') return [...ALL_BLOCKS]
  const rank = ({ label, keywords }: Block): number => {
    const words = label.toLowerCase()
    if (words.startsWith(sought)) return 0
    if (words.includes(` ${sought}`)) return 1
    return keywords.split(' ').some((word) => word.startsWith(sought)) ? 2 : 3
  }
  return ALL_BLOCKS.map((block) => ({ block, rank: rank(block) }))
    .filter((each) => each.rank < 3)
    .sort((one, other) => one.rank - other.rank)
    .map(({ block }) => block)
}
