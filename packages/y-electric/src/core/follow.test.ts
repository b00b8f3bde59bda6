import { expect, test } from 'vitest'
import { followMessage, rowSeq } from './follow.ts'

const insert = (value: unknown) => ({ headers: { operation: 'insert' }, value })
const seen = new Set([7])

test('a row is applied', () => {
  // A single delete, of 255 ids.
  expect(followMessage(insert({ seq: '8', data: '\\x0001010100Ff01' }), seen)).toEqual({
    type: 'apply',
    seq: 8,
    update: new Uint8Array([0, 1, 1, 1, 0, 255, 1]),
    decoded: { structs: [], deletes: { clients: new Map([[1, [{ clock: 0, len: 255 }]]]) } },
  })
})

test('a row that Yjs decodes but cannot apply is bad', () => {
  const proto = '010105002801016d016b017601095f5f70726f746f5f5f7402010200'
  expect(followMessage(insert({ seq: '8', data: `\\x${proto}` }), seen)).toEqual({
    type: 'bad-row',
    message: 'row 8: update: not in Yjs\' format (a value has the key "__proto__")',
    data: new Uint8Array(Buffer.from(proto, 'hex')),
  })
})

test('a row that state contained is skipped', () => {
  expect(followMessage(insert({ seq: '7', data: '\\x0a' }), seen)).toEqual({ type: 'ignore' })
})

test('a row without data is a seal', () => {
  expect(followMessage(insert({ seq: '9', data: '\\x' }), seen)).toEqual({ type: 'sealed' })
})

test('deletes (from a fold), updates of rows and other control messages are ignored', () => {
  for (const headers of [
    { operation: 'delete' },
    { operation: 'update' },
    { control: 'snapshot-end' },
    { event: 'move-out' },
  ]) {
    expect(followMessage({ headers, value: { seq: '9' } }, seen)).toEqual({ type: 'ignore' })
  }
})

test('up-to-date and must-refetch are recognized', () => {
  expect(followMessage({ headers: { control: 'up-to-date' } }, seen)).toEqual({ type: 'caught-up' })
  expect(followMessage({ headers: { control: 'must-refetch' } }, seen)).toEqual({ type: 'rejoin' })
})

test.each([
  [null],
  ['text'],
  [{}],
  [{ seq: '9' }],
  [{ seq: 'nine', data: '\\x00' }],
  [{ seq: '9', data: null }],
  [{ seq: '9', data: '00' }],
  [{ seq: '9', data: '\\x0' }],
  [{ seq: '9', data: '\\xzz' }],
  [{ seq: { toString: 1, valueOf: 1 }, data: '\\x00' }],
  [{ seq: [9], data: '\\x00' }],
])('an unreadable row is reported as bad: %j', (value) => {
  expect(followMessage(insert(value), seen).type).toBe('bad-row')
})

test.each([[{ toString: 1, valueOf: 1 }], [[9]], [null], ['nine'], [true]])(
  'a seq that is not a number is null: %j',
  (seq) => {
    expect(rowSeq(insert({ seq, data: '\\x00' }))).toBeNull()
  },
)
