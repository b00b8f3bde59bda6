import { expect, test, vi } from 'vitest'
import { actionOf } from './captionField.ts'

const actions = {
  change: vi.fn(),
  goBelow: vi.fn(),
  selectPicture: vi.fn(),
  undo: vi.fn(),
  redo: vi.fn(),
}

/** The key in a field with these words, in which `|` is the caret. */
function press(key: string, words: string, more: object = {}) {
  const value = words.replace('|', '')
  const caret = words.indexOf('|')
  const event = {
    key,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    isComposing: false,
    ...more,
  }
  const field = { value, selectionStart: caret, selectionEnd: caret }
  return actionOf(event, field, actions)
}

test('Escape, and keys that leave the field at its start, select the picture', () => {
  expect(press('Escape', 'A la|mp')).toBe(actions.selectPicture)
  expect(press('ArrowUp', '|A lamp')).toBe(actions.selectPicture)
  expect(press('Backspace', '|')).toBe(actions.selectPicture)
})

test('Enter goes to an empty line below the picture, and an arrow at the end to the next block', () => {
  press('Enter', 'A la|mp')?.()
  expect(actions.goBelow).toHaveBeenLastCalledWith(true)
  press('ArrowDown', 'A lamp|')?.()
  expect(actions.goBelow).toHaveBeenLastCalledWith(false)
})

test('the keys of undo act on the document', () => {
  expect(press('z', 'A|', { ctrlKey: true })).toBe(actions.undo)
  expect(press('Z', 'A|', { metaKey: true, shiftKey: true })).toBe(actions.redo)
  expect(press('y', 'A|', { ctrlKey: true })).toBe(actions.redo)
})

test.each([
  ['x', 'A|', {}],
  ['ArrowUp', 'A|', {}],
  ['ArrowDown', '|A', {}],
  ['Backspace', 'A|', {}],
  ['Enter', 'A|', { isComposing: true }],
  ['a', 'A|', { ctrlKey: true }],
])('the browser handles %s in %j', (key, words, more) => {
  expect(press(key, words, more)).toBe(null)
})
