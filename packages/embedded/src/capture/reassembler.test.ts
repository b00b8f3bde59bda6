import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyCharacter } from '../testing/anyCharacter.ts'
import { type CaptureEvent, type Change, Reassembler } from './reassembler.ts'
import { type Fields, parseRecord } from './record.ts'

/** Writes a row as `record_out` of Postgres does. */
const writeRecord = (fields: Fields): string =>
  `(${fields
    .map((field) => {
      if (field === null) return ''
      if (field !== '' && !/["\\(),\s]/.test(field)) return field
      return `"${field.replace(/["\\]/g, '$&$&')}"`
    })
    .join(',')})`

const field = fc.option(
  fc.oneof(fc.string({ unit: anyCharacter }), fc.stringMatching(/^[a-c"\\(), ]{0,8}$/)),
)
const row = fc.array(field, { minLength: 1, maxLength: 5 })

test('a parsed row equals the row that was written', () => {
  fc.assert(
    fc.property(row, row, (first, second) => {
      const text = writeRecord(first) + writeRecord(second)
      const { fields, end } = parseRecord(text)
      expect(fields).toEqual(first)
      expect(parseRecord(text, end)).toEqual({ fields: second, end: text.length })
    }),
  )
})

type Operation = Exclude<Change['operation'], 'truncate' | 'alter'>
interface WrittenChange {
  operation: Operation
  old: Fields
  new: Fields
  partBytes: number
}

const LETTERS = { insert: 'I', update: 'U', delete: 'D' } as const

function payloadsOf(xid: number, position: number, change: WrittenChange): string[] {
  const { operation, old, new: fresh, partBytes } = change
  const rows =
    operation === 'insert'
      ? writeRecord(fresh)
      : operation === 'delete'
        ? writeRecord(old)
        : writeRecord(old) + writeRecord(fresh)
  const whole = `${LETTERS[operation]} ${xid} ${position} 42 ${rows}`
  const bytes = Buffer.from(whole)
  if (bytes.length <= 60) return [whole]
  const parts = Math.ceil(bytes.length / partBytes)
  return Array.from({ length: parts }, (_, i) => {
    const base64 = bytes.subarray(i * partBytes, (i + 1) * partBytes).toString('base64')
    // Postgres breaks base64 into lines.
    return `P ${xid} ${position} ${i + 1} ${parts} ${base64.replace(/.{10}/g, '$&\n')}`
  })
}

const change = fc.record<WrittenChange>({
  operation: fc.constantFrom<Operation>('insert', 'update', 'delete'),
  old: row,
  new: row,
  partBytes: fc.integer({ min: 1, max: 40 }),
})

test('transactions come out as they went in, wherever `settle` is called between them', () => {
  const transactions = fc.array(
    fc.tuple(fc.array(change, { minLength: 1, maxLength: 5 }), fc.boolean()),
  )
  fc.assert(
    fc.property(transactions, (written) => {
      const reassembler = new Reassembler()
      const events: CaptureEvent[] = []
      written.forEach(([changes, settle], i) => {
        for (const [n, one] of changes.entries()) {
          for (const payload of payloadsOf(i + 100, n + 1, one))
            events.push(...reassembler.push(payload))
        }
        if (settle) events.push(...reassembler.settle())
      })
      events.push(...reassembler.push('B 9 token'))
      expect(events).toEqual([
        ...written.map(([changes], i) => ({
          kind: 'transaction',
          xid: i + 100,
          changes: changes.map(({ operation, old, new: fresh }, index) => ({
            operation,
            table: 42,
            index,
            old: operation === 'insert' ? null : old,
            new: operation === 'delete' ? null : fresh,
          })),
        })),
        { kind: 'barrier', xid: 9, text: 'token' },
      ])
      expect(reassembler.settle()).toEqual([])
    }),
  )
})

test.each([
  ['Y 1 2 3 (1)'],
  ['I one 1 3 (1)'],
  ['I 1 1 3 (1'],
  ['I 1 1 3 '],
  ['P 1 1 2 2 AAAA'],
  ['P 1 1 1 1 QiB0'],
  [''],
])('the payload "%s" is rejected', (payload) => {
  expect(() => new Reassembler().push(payload)).toThrow()
})

test('a transaction that ends in the middle of a row is an error', () => {
  const reassembler = new Reassembler()
  reassembler.push('P 1 1 1 2 AAAA')
  expect(() => reassembler.push('I 2 1 3 (1)')).toThrow('within a row')
})

test('a transaction that is settled in the middle of a row stays open until the row is whole', () => {
  const reassembler = new Reassembler()
  const whole = Buffer.from('I 1 1 3 (1)').toString('base64')
  reassembler.push(`P 1 1 1 2 ${whole.slice(0, 8)}`)
  expect(reassembler.settle()).toEqual([])
  reassembler.push(`P 1 1 2 2 ${whole.slice(8)}`)
  const change = { operation: 'insert', table: 3, index: 0, old: null, new: ['1'] }
  expect(reassembler.settle()).toEqual([{ kind: 'transaction', xid: 1, changes: [change] }])
})
