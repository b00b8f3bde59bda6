import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quoteIdentifier } from '../table/identifier.ts'
import type { Column, Table } from '../table/table.ts'
import { conditionSql, matches, toCondition } from './condition.ts'
import { WhereError } from './lexer.ts'
import { parseWhere } from './parser.ts'
import { expressionSql } from './sql.ts'
import { canonicalText } from './value.ts'

const column = (name: string, type: string, rest: Partial<Column> = {}): Column => ({
  name,
  type,
  isEnum: false,
  dims: 0,
  notNull: false,
  keyIndex: null,
  modifier: {},
  ...rest,
})

const table: Table = {
  schema: 'public',
  name: 'items',
  oid: 1,
  kind: 'table',
  fingerprint: '',
  columns: [
    column('id', 'int8', { keyIndex: 0 }),
    column('doc_id', 'text'),
    column('Odd "name"', 'text'),
    column('ready', 'bool'),
    column('owner', 'uuid'),
    column('price', 'numeric'),
  ],
}

const read = (where: string, params: Record<number, string> = {}) =>
  toCondition(
    parseWhere(where),
    table,
    new Map(Object.entries(params).map(([index, value]) => [Number(index), value])),
  )

const refusal = (where: string, params: Record<number, string> = {}): string => {
  try {
    read(where, params)
  } catch (error) {
    if (error instanceof WhereError) return error.message
    throw error
  }
  throw new Error(`accepted: ${where}`)
}

describe('a condition', () => {
  test('is the same however it is written', () => {
    const plain = read("doc_id = 'a' AND id = 7")
    for (const where of [
      "id = 7 and doc_id = 'a'",
      "((DOC_ID = ('a')) AND (7 = id))",
      `"doc_id" = 'a' AND "id" = '07'`,
      "doc_id='a'AND id= +7 AND TRUE AND doc_id = 'a'",
    ]) {
      expect(read(where)).toEqual(plain)
    }
    expect(read('doc_id = $1 AND id = $2', { 1: 'a', 2: ' 7 ' })).toEqual(plain)
  })

  test('binds every value and quotes every name', () => {
    expect(conditionSql(read(`"Odd ""name""" = 'x''; DROP TABLE items' AND ready`), 3)).toEqual({
      text: '"Odd ""name""" = $3 AND "ready" = $4',
      values: ["x'; DROP TABLE items", 't'],
    })
  })

  test('contradictions and FALSE match nothing', () => {
    const row = ['1', 'a', null, 't', null, null]
    expect(matches(read("doc_id = 'a' AND doc_id IS NOT NULL AND ready"), row)).toBe(true)
    for (const where of ["doc_id = 'a' AND doc_id = 'b'", 'id = 1 AND id IS NULL', 'FALSE']) {
      expect(matches(read(where), row)).toBe(false)
      expect(read(where).never).toBe(true)
    }
  })

  test.each([
    ['doc_id = ', 'At location 24: syntax error at end of input'],
    ['nope = 1', 'At location 0: unknown reference nope'],
    ['doc_id = $1', 'At location 9: parameter $1 was not provided'],
    ["doc_id = 'a' AND id = 'one'", 'At location 22: invalid syntax for type int8: one'],
    [
      'id = 9223372036854775808',
      'At location 5: invalid syntax for type int8: 9223372036854775808',
    ],
  ])('%s: %s', (where, message) => expect(refusal(where)).toBe(message))

  test.each([
    "doc_id = 'a' OR id = 1",
    'id > 1',
    'id IN (1, 2)',
    'NOT id = 1',
    "doc_id LIKE 'a%'",
    'price = 1',
    'id = id',
    'id = NULL',
    "lower(doc_id) = 'a'",
    'id = 1::int',
    'id = 1 + 1',
    'id IN (SELECT 1)',
    'id BETWEEN 1 AND 2',
  ])('%s is refused with the way out', (where) =>
    expect(refusal(where)).toContain('the real Electric'),
  )

  test.each([
    "doc_id = 'a",
    'id = 1;',
    'id = 1 --',
    '(id = 1',
    'id = 1)',
    '',
    'AND',
    "id = E'1'",
    `${'('.repeat(500)}id`,
  ])('%s is refused', (where) => expect(refusal(where)).toMatch(/^At location \d+: /))
})

test('whatever the text, parsing ends in a condition or a WhereError', () => {
  const word = fc.constantFrom(
    'id',
    'doc_id',
    '"Odd ""name"""',
    '=',
    '<>',
    '(',
    ')',
    "'a'",
    "''''",
    '$1',
    '7',
    '-',
    'AND',
    'OR',
    'NOT',
    'IS',
    'NULL',
    'IN',
    ',',
    'TRUE',
    '"',
    "'",
    ';',
    '--',
    '::',
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
  )
  fc.assert(
    fc.property(text, (where) => {
      try {
        const values: string[] = []
        const params = new Map([[1, 'p']])
        const sql = expressionSql(parseWhere(where), table, params, values)
        // All that is left of the text in the SQL is quoted names of real columns and plain numbers.
        let rest = sql
        for (const { name } of table.columns) rest = rest.replaceAll(quoteIdentifier(name), '')
        expect(rest).toMatch(/^[\s()$\d.e+\-=<>,A-Za-z]*$/)
        toCondition(parseWhere(where), table, params)
      } catch (error) {
        expect(error).toBeInstanceOf(WhereError)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('any text is found again by an equality, quoted or bound', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (wanted, other) => {
      const row = (text: string) => ['1', text, null, null, null, null]
      for (const condition of [
        read(`doc_id = '${wanted.replaceAll("'", "''")}'`),
        read('doc_id = $1', { 1: wanted }),
      ]) {
        expect(matches(condition, row(wanted))).toBe(true)
        expect(matches(condition, row(other))).toBe(wanted === other)
        expect(conditionSql(condition, 1).values).toEqual([wanted])
      }
    }),
  )
})

test('values take the form that Postgres gives them', () => {
  const of = (type: string, text: string) => canonicalText(column('c', type), text)
  expect(of('int4', '+007')).toBe('7')
  expect(of('int4', '-0')).toBe('0')
  expect(of('int2', '32768')).toBeUndefined()
  expect(of('bool', ' YES ')).toBe('t')
  expect(of('bool', 'o')).toBeUndefined()
  expect(of('uuid', '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}')).toBe(
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  )
  expect(of('text', ' a ')).toBe(' a ')
})
