import { expect, test } from 'vitest'
import { applyDiff, changedLines } from './diff.ts'

test('a diff replaces lines, and keeps the lines around them', () => {
  const text = 'one\ntwo\n\nthree\nfour\n'
  expect(applyDiff(text, '-two\n+2\n+2.5\n\n three\n@@\n-four\n')).toBe('one\n2\n2.5\n\nthree\n')
})

test('a diff of added lines alone is a new file', () => {
  expect(applyDiff('', '+one\n+two\n')).toBe('one\ntwo\n')
})

test('a diff whose lines are missing, repeated, or only a part of a line is refused', () => {
  expect(() => applyDiff('a\n', '-b\n+c\n')).toThrow('occur 0 times')
  expect(() => applyDiff('a\na\n', '-a\n+b\n')).toThrow('occur 2 times')
  expect(() => applyDiff('ba\n', '-a\n+b\n')).toThrow('occur 0 times')
  expect(() => applyDiff('a\n', '+b\n')).toThrow('occur 1 times')
})

test('the changed lines of diffs are counted without those around them', () => {
  expect(changedLines(['-a\n b\n+c\n@@\n+d\n', '-e\n'])).toEqual({ removed: 2, added: 2 })
})
