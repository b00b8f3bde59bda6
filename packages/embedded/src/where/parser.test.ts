import { expect, test } from 'vitest'
import { WhereError } from './lexer.ts'
import { parseWhere } from './parser.ts'
import { expressionSql } from './sql.ts'

const refusal = (where: string): string => {
  try {
    parseWhere(where)
  } catch (error) {
    if (error instanceof WhereError) return error.message
    throw error
  }
  throw new Error(`accepted: ${where}`)
}

// The right-hand side is the clause as Postgres parses it, fully parenthesized.
test.each([
  ['NOT id = 1 OR ready IS TRUE AND id < 2', '((NOT (id = 1)) OR ((ready IS TRUE) AND (id < 2)))'],
  ['id + 1 * 2 - 3 = -id', '(((id + (1 * 2)) - 3) = (- id))'],
  ['id = 1 IS NOT UNKNOWN', '((id = 1) IS NOT UNKNOWN)'],
  ['id BETWEEN 1 AND 2 AND ready', '((id BETWEEN 1 AND 2) AND ready)'],
  ['id NOT BETWEEN SYMMETRIC 3 AND 1', '(id NOT BETWEEN SYMMETRIC 3 AND 1)'],
  ['id IN (1, 2) OR id NOT IN (3)', '((id IN (1, 2)) OR (id NOT IN (3)))'],
  ["doc_id || 'x' LIKE 'a%'", "((doc_id || 'x') LIKE 'a%')"],
  ["doc_id NOT ILIKE 'a'", "(doc_id NOT ILIKE 'a')"],
  ["id = ANY ('{1,2}')", "(id = ANY ('{1,2}'))"],
  ['id <> ALL (ARRAY[1,2]::bigint[])', '(id <> ALL (CAST(ARRAY[1, 2] AS int8[])))'],
  ['id IS NOT DISTINCT FROM 1 + 1', '(id IS NOT DISTINCT FROM (1 + 1))'],
  ["price > '1'::numeric", "(price > CAST('1' AS numeric))"],
  ['-id::int4 < 2 ^ 2', '((- CAST(id AS int4)) < (CAST(2 AS float8) ^ CAST(2 AS float8)))'],
  [
    "lower(doc_id) = coalesce('p', upper(doc_id))",
    "(lower(doc_id) = COALESCE('p', upper(doc_id)))",
  ],
  [
    "interval '1 day' > CAST('p' AS interval)",
    "(CAST('1 day' AS interval) > CAST('p' AS interval))",
  ],
  ["timestamp with time zone '2024-01-01' IS NULL", "(CAST('2024-01-01' AS timestamptz) IS NULL)"],
  ['(ARRAY[1,2])[1:] = ARRAY[id]', '((ARRAY[1, 2])[1:] = ARRAY[id])'],
  ['id != 1 AND id >= (2)', '((id <> 1) AND (id >= 2))'],
  ["'x' IS NULL", "(CAST('x' AS text) IS NULL)"],
])('%s is parsed as Postgres parses it', (where, meaning) => {
  const named = { column: (name: string) => name, bind: (text: string) => `'${text}'` }
  const sql = expressionSql(parseWhere(where), named)
  expect(sql.replace(/pg_catalog\."?(\w+)"?/g, '$1').replace(/\((-?[\d.]+)\)/g, '$1')).toBe(meaning)
})

test.each([
  ['id IN (SELECT 1)', 'a subquery'],
  ['id = ANY (SELECT 1)', 'a subquery'],
  ['(SELECT true)', 'a subquery'],
  ['EXISTS (SELECT 1)', 'a subquery'],
  ["doc_id SIMILAR TO 'a'", 'SIMILAR'],
  ["regexp_replace(doc_id, 'a', 'b') = 'a'", 'function regexp_replace/3'],
  ["repeat(doc_id, 1000000) = 'a'", 'function repeat/2'],
  ['now() > $1', 'function now/0'],
  ['random() > 0.5', 'function random/0'],
  ['pg_sleep(1) IS NULL', 'function pg_sleep/1'],
  ['count(*) > 1', 'aggregation with count'],
  ['items.id > 1', 'a name with a dot'],
  ['pg_catalog.lower(doc_id) = $1', 'a name with a dot'],
  ["owner = 'a'::regclass", 'type regclass'],
  ['id::numeric(3, 1) > 1', 'a type with a length or a precision'],
  ['CASE WHEN ready THEN true END', 'CASE'],
  ['doc_id COLLATE "C" < \'a\'', 'COLLATE'],
  ["doc_id LIKE 'a' ESCAPE 'b'", 'ESCAPE'],
  ['(id, price) = (1, 2)', 'a row of several values'],
])('%s is refused with an alternative', (where, what) => {
  const message = refusal(where)
  expect(message).toMatch(/^At location \d+: /)
  expect(message).toContain(`${what} is not supported`)
  // Electric supports subqueries, and refuses the other clauses too.
  const isInElectric = message.includes('run the real Electric (https://electric-sql.com)')
  expect(isInElectric).toBe(what === 'a subquery')
})

test('the offered alternatives are accepted', () => {
  const offered = refusal('now() > $1')
  for (const [word, where] of [
    ['OR', 'id = 1 OR ready'],
    ['NOT', 'NOT ready'],
    ['IN', 'id IN (1)'],
    ['BETWEEN', 'id BETWEEN 1 AND 2'],
    ['[I]LIKE', "doc_id ILIKE 'a'"],
    ['IS', 'ready IS NOT TRUE'],
    ['ANY', "id = ANY ('{1}')"],
    ['ALL', "id > ALL ('{1}')"],
    ['arithmetic', 'id + 1 > 2'],
    ['casts', 'id::text > $1'],
    ['lower', "lower(doc_id) = 'a'"],
    ['coalesce', 'coalesce(ready, true)'],
    ['abs', 'abs(id) = 1'],
  ] as const) {
    expect(offered).toContain(word)
    expect(() => parseWhere(where)).not.toThrow()
  }
})

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
  `${'NOT '.repeat(500)}ready`,
  `id = 1${' + 1'.repeat(500)}`,
  `doc_id = '${'a'.repeat(70_000)}'`,
  'id = 1 /* */',
  'id < 2 < 3',
  'id NOT 1',
  'id IS 1',
  'id = select',
  "doc_id = 'a' 'b'",
  'ARRAY[id',
  'id[1',
])('%s is refused', (where) => expect(refusal(where)).toMatch(/^At location \d+: /))
