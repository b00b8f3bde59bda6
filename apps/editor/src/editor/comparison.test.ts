import { expect, test } from 'vitest'
import { drawn } from './comparison.ts'
import { schemaWith } from './content.ts'

const text = (words: string, ...marks: string[]) => ({
  type: 'text',
  text: words,
  marks: marks.map((type) => ({ type })),
})
const p = (...content: object[]) => ({ type: 'paragraph', content })
const doc = schemaWith({}).nodeFromJSON({
  type: 'doc',
  content: [
    p(text('One '), text('bold', 'bold'), { type: 'hardBreak' }, text('after')),
    { type: 'bulletList', content: [{ type: 'listItem', content: [p(text('apple'))] }] },
  ],
})

const found = (...changes: Parameters<typeof drawn>[1]) =>
  drawn(doc, changes)
    .find()
    .map(({ from, to }) => (from === to ? `at ${from}` : doc.textBetween(from, to, ' ', '|')))

test('changes of a text are marked at their words, however many marks the text has', () => {
  const parts = [
    { type: 'same', text: 'One ' },
    { type: 'removed', text: 'thin' },
    { type: 'added', text: 'bold' },
  ] as const
  expect(found({ type: 'text', path: ['default', 0, 0], parts })).toEqual(['at 5', 'bold'])
  const late = [
    { type: 'skipped', length: 2 },
    { type: 'added', text: 'ter' },
  ] as const
  expect(found({ type: 'text', path: ['default', 0, 2], parts: late })).toEqual(['ter'])
  expect(
    found({
      type: 'text',
      path: ['default', 1, 0, 0, 0],
      parts: [{ type: 'added', text: 'apple' }],
    }),
  ).toEqual(['apple'])
})

test('added, changed and removed blocks are marked at their place', () => {
  expect(found({ type: 'added', path: ['default', 1, 0], value: '' })).toEqual(['apple'])
  expect(
    found({ type: 'changed', path: ['default', 0, 'textAlign'], before: null, after: 'center' }),
  ).toEqual(['One bold|after'])
  expect(
    found({ type: 'removed', path: ['default', 9], value: '<paragraph>x</paragraph>' }),
  ).toEqual([`at ${doc.content.size}`])
})

test('a path that this document does not have marks nothing', () => {
  expect(found({ type: 'added', path: ['default', 7, 1], value: '' })).toEqual([])
  expect(found({ type: 'added', path: ['other', 0], value: '' })).toEqual([])
})
