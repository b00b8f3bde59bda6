import { getSchema } from '@tiptap/core'
import { Node } from '@tiptap/pm/model'
import { StarterKit } from '@tiptap/starter-kit'
import { expect, test } from 'vitest'
import { titleOf } from './title.ts'

const schema = getSchema([StarterKit])
const text = (value: string) => ({ type: 'text', text: value })
const paragraph = (...content: object[]) => ({ type: 'paragraph', content })
const titleOfBlocks = (...content: object[]) =>
  titleOf(Node.fromJSON(schema, { type: 'doc', content }))

test('the title is the first line that is not empty', () => {
  expect(titleOfBlocks(paragraph())).toBe('Untitled')
  expect(
    titleOfBlocks(paragraph(), paragraph(text('   ')), paragraph(text(' Minutes  of May '))),
  ).toBe('Minutes of May')
  const heading = { type: 'heading', attrs: { level: 1 }, content: [text('A heading')] }
  expect(titleOfBlocks(heading, paragraph(text('Text')))).toBe('A heading')
})

test('the title can be inside a list, and ends at a line break', () => {
  const item = {
    type: 'listItem',
    content: [paragraph(text('Milk'), { type: 'hardBreak' }, text('Bread'))],
  }
  expect(titleOfBlocks({ type: 'bulletList', content: [item] })).toBe('Milk')
})

test('a long title is cut between words', () => {
  const title = titleOfBlocks(paragraph(text('word '.repeat(40))))
  expect(title.endsWith('word…')).toBe(true)
  expect(title.length).toBeLessThanOrEqual(91)
})
