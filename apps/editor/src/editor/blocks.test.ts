import { expect, test } from 'vitest'
import { blocksMatching } from './blocks.ts'
import { schemaWith } from './content.ts'
import { countWords, headingsIn } from './headings.ts'
import { lengthInWords } from './Outline.tsx'
import { chosenFrom } from './suggestions/emoji.ts'

const labels = (query: string) => blocksMatching(query).map(({ label }) => label)

test('a block is found by its label, a word of its label, or another word for it', () => {
  expect(labels('head')).toEqual(['Heading 1', 'Heading 2', 'Heading 3'])
  expect(labels('list')).toEqual(['Bulleted list', 'Numbered list', 'Task list'])
  expect(labels('todo')).toEqual(['Task list'])
  expect(labels('Heading 2')).toEqual(['Heading 2'])
  expect(labels('xyz')).toEqual([])
  expect(labels('')).toHaveLength(14)
})

test('the outline has the headings with text, also those inside of other blocks', () => {
  const heading = (level: number, text?: string) => ({
    type: 'heading',
    attrs: { level },
    ...(text === undefined ? {} : { content: [{ type: 'text', text }] }),
  })
  const doc = schemaWith({}).nodeFromJSON({
    type: 'doc',
    content: [
      heading(1, 'One'),
      heading(2),
      { type: 'blockquote', content: [heading(3, ' Inside ')] },
    ],
  })
  expect(headingsIn(doc)).toEqual([
    { pos: 0, level: 1, text: 'One' },
    { pos: 8, level: 3, text: 'Inside' },
  ])
})

test('words are counted in any white space', () => {
  expect(countWords(' one  two\nthree ')).toBe(3)
  expect(lengthInWords(0)).toBe('No words yet')
  expect(lengthInWords(1)).toBe('1 word · 1 min to read')
  expect(lengthInWords(2_300)).toBe('2,300 words · 10 min to read')
})

test('an emoji whose name or keyword is the typed word comes first', () => {
  const words = [
    ['😹', ['cat_with_tears', 'joyful']],
    ['😂', ['face_with_tears', 'joy']],
    ['🐈', ['cat', 'pet']],
  ] as const
  const found = (query: string) => chosenFrom(words, query).map(({ sign }) => sign)
  expect(found('joy')).toEqual(['😂', '😹'])
  expect(found('cat')).toEqual(['🐈', '😹'])
  expect(found('dog')).toEqual([])
})
