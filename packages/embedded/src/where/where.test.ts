import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quoteIdentifier } from '../table/identifier.ts'
import type { Column, Table } from '../table/table.ts'
import { anyCharacter } from '../testing/anyCharacter.ts'
import { type Condition, conditionSql, termsHold, toCondition } from './condition.ts'
import { WhereError } from './lexer.ts'
import { resolveNames } from './names.ts'
import { parseWhere } from './parser.ts'
import { expressionSql, tableWriter } from './sql.ts'
import { canonicalText } from './value.ts'

const column = (name: string, type: string, rest: Partial<Column> = {}): Column => ({
  name,
  type,
  isEnum: false,
  isComposite: false,
  isPlain: true,
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
  members: [],
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

/** Checks that the condition consists of terms only, and returns whether they all hold. */
const matches = (condition: Condition, row: (string | null)[]): boolean => {
  expect(condition.rest).toBeNull()
  return termsHold(condition, row)
}

const sqlOf = (condition: Condition): { text: string; values: string[] } => {
  const values: string[] = []
  return { text: conditionSql(condition, values), values }
}

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
  test('is equal for equivalent clauses', () => {
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
    const condition = read(`"Odd ""name""" = 'x''; DROP TABLE items' AND ready`)
    expect(sqlOf(condition)).toEqual({
      text: '"Odd ""name""" = $1 AND "ready" = $2',
      values: ["x'; DROP TABLE items", 't'],
    })
  })

  test('matches no row if it is contradictory or FALSE', () => {
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
  ])('rejects %s with the error "%s"', (where, message) => expect(refusal(where)).toBe(message))

  test('separates the terms that the service decides from those that Postgres decides', () => {
    const condition = read("doc_id = $1 AND (id > 3 OR owner IS NULL) AND price = '1.0'", {
      1: 'a',
    })
    expect(condition.terms).toEqual([{ column: 'doc_id', index: 1, test: { equals: 'a' } }])
    expect(sqlOf(condition)).toEqual({
      text: '"doc_id" = $1 AND (("id" > (3)) OR ("owner" IS NULL)) AND ("price" = $2)',
      values: ['a', '1.0'],
    })
    expect(condition.rest?.key).toBe(
      read("price = '1.0' AND (((id>3) OR owner ISNULL)) AND 'a'=doc_id").rest?.key,
    )
  })

  test('casts the text of a row to a time only if it is not a word such as today', () => {
    const guard =
      /regexp_replace"\(CAST\(.* AS pg_catalog."text"\), 'now\|today\|tomorrow\|yesterday'/
    for (const where of [
      'doc_id::date > $1',
      'date(doc_id) > $1',
      'lower(doc_id)::timestamp > $1',
      "(doc_id || '')::timestamptz > $1",
      "('{a}'::text[])[id]::time > $1",
    ]) {
      expect(sqlOf(read(where, { 1: '2024-01-01' })).text).toMatch(guard)
    }
    // Constants are checked once, and a value that is not a text is never a word.
    expect(sqlOf(read('$1::date > $1', { 1: '2024-01-01' })).text).not.toMatch(guard)
    expect(sqlOf(read("(date '2024-01-01' + id)::timestamp > $1", { 1: '' })).text).not.toMatch(
      guard,
    )
  })
})

test('parsing any text returns a condition or throws a WhereError', () => {
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
    'int4',
    'lower',
    'ANY',
    'ARRAY',
    '[',
    ']',
    'BETWEEN',
    'LIKE',
    'DISTINCT',
    'FROM',
    '||',
    '*',
    'SELECT',
    'date',
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
        const expression = resolveNames(parseWhere(where), table, params)
        const sql = expressionSql(expression, tableWriter(values))
        // The SQL contains nothing of the text except quoted names of real columns and plain
        // numbers.
        let rest = sql
        rest = rest.replaceAll("'now|today|tomorrow|yesterday', '?', 'i'", '')
        for (const { name } of table.columns) rest = rest.replaceAll(quoteIdentifier(name), '')
        rest = rest.replace(/pg_catalog\."[a-z0-9_]+"/g, '')
        expect(rest).toMatch(/^[\s()$\d.e+\-*/%^|&#~@=<>,:[\]A-Za-z]*$/)
        expect(rest).not.toMatch(/--|\/\*/)
        toCondition(parseWhere(where), table, params)
      } catch (error) {
        expect(error).toBeInstanceOf(WhereError)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('an equality matches exactly its own text, quoted or bound', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), fc.string(), (wanted, other) => {
      const row = (text: string) => ['1', text, null, null, null, null]
      for (const condition of [
        read(`doc_id = '${wanted.replaceAll("'", "''")}'`),
        read('doc_id = $1', { 1: wanted }),
      ]) {
        expect(matches(condition, row(wanted))).toBe(true)
        expect(matches(condition, row(other))).toBe(wanted === other)
        expect(sqlOf(condition).values).toEqual([wanted])
      }
    }),
  )
})

test('values are written in the form that Postgres gives them', () => {
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
