import { expect, test } from 'vitest'
import { caretAfter } from './caretAfter.ts'

/** The text with `|` for the caret. */
const read = (text: string) => ({ words: text.replace('|', ''), caret: text.indexOf('|') })

test.each([
  ['A lamp|', 'A red lamp|'],
  ['A| lamp', 'A| lamp at night'],
  ['A la|mp', 'The la|mp'],
  ['A red| lamp', 'A |lamp'],
  ['A re|d lamp', 'A |lamp'],
  ['|', '|A lamp'],
  ['lamp|', '|'],
  ['an| a', 'an| old a'],
])('the caret of %j is at the same letter in %j', (one, other) => {
  const before = read(one)
  const after = read(other)
  expect(caretAfter(before.words, after.words, before.caret)).toBe(after.caret)
})
