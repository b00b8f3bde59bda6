import { describe, expect, test } from 'vitest'
import { calculate } from './arithmetic.ts'
import { readRequest } from './requests.ts'

describe('calculate()', () => {
  test.each([
    ['2*(3+4)', 14],
    ['1 - 2 - 3', -4],
    ['12/4/3', 1],
    ['-(2+3)*-2', 10],
    ['0.5+.', null],
    ['2*(3+4', null],
    ['1/0', null],
    ['', null],
    ['two', null],
    ['1 2', null],
  ])('evaluates "%s" to %s', (expression, value) => {
    expect(calculate(expression)).toBe(value)
  })
})

describe('readRequest()', () => {
  const answer = (...words: string[]) => ({ type: 'answer', words })
  test.each([
    ['so =2*(3+4)?', answer('14')],
    ['=0.1+0.2?', answer('0.3')],
    ['is a = b?', null],
    ['=2*(3+4)', null],
    ['=2*(3+4)? 14', null],
    ['@agent count to 3?', answer('1', '2', '3')],
    ['@Agent Count to 3 ?', answer('1', '2', '3')],
    ['@agent count to 1001?', null],
    ['@agent words?', answer('There', 'are', '4', 'words.')],
    ['@agent undo?', { type: 'undo' }],
    ['please, @agent stop', { type: 'stop' }],
    ['@agent stop it', null],
    ['', null],
  ])('%j', (line, request) => {
    expect(readRequest(line, 'four words are here')?.request ?? null).toEqual(request)
  })
})
