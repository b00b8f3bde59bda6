import { expect, test } from 'vitest'
import { MAX_WRITER_NAME_LENGTH, writerHeaders } from './writer.ts'

test('a writer is named by its client id, and by its name in percent-encoding', () => {
  expect(writerHeaders(7, 'Zoë 🦊')).toEqual({
    'Y-Electric-Client': '7',
    'Y-Electric-Name': 'Zo%C3%AB%20%F0%9F%A6%8A',
  })
})

test.each([undefined, null, 7, {}, '', '  ', '\u0000\n', '\ud800'])('%j is no name', (name) => {
  expect(writerHeaders(7, name)).toEqual({ 'Y-Electric-Client': '7' })
})

test('a long name is shortened, and never ends in half a character', () => {
  const name = writerHeaders(7, `${'a'.repeat(MAX_WRITER_NAME_LENGTH - 1)}🦊`)['Y-Electric-Name']
  expect(name).toBe('a'.repeat(MAX_WRITER_NAME_LENGTH - 1))
})
