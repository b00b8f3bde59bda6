// Random where clauses, as texts, and random changes of the rows that they select.
import fc from 'fast-check'

export const TABLE = `
  CREATE TYPE mood AS ENUM ('sad', 'ok', 'today');
  CREATE TABLE items (
    id integer PRIMARY KEY, n integer, m bigint, t text, b boolean, d date, p numeric, f float8,
    u uuid, a integer[], e mood, at timestamptz, c char(3), j jsonb, "Odd ""name""" varchar(20)
  )`

const chosen = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values)

/** SQL text from random parts, without parentheses around them. */
const sql = (
  strings: TemplateStringsArray,
  ...parts: fc.Arbitrary<string>[]
): fc.Arbitrary<string> =>
  fc
    .tuple(...parts)
    .map((chosenParts) => strings.reduce((all, next, i) => all + (chosenParts[i - 1] ?? '') + next))

const integer = fc.integer({ min: -3, max: 6 }).map(String)
const word = chosen('', 'a', 'ab', 'Ab', 'b%', "o'x", 'today', 'now')
const literal = word.map((text) => `'${text.replaceAll("'", "''")}'`)
const comparison = chosen('=', '<>', '!=', '<', '<=', '>', '>=')
const uuid = chosen('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-0000000000aa')
const day = chosen('2024-01-01', '2024-02-29', '1999-12-31')

const clauses = fc.letrec<{ where: string; number: string; text: string }>((tie) => ({
  number: fc.oneof(
    { depthSize: 'small' },
    integer,
    chosen('n', 'm', 'id', 'length(t)', 'abs(n)', 'coalesce(n, 0)', 'a[1]', 'cardinality(a)'),
    sql`${tie('number')} + ${tie('number')}`,
    sql`${tie('number')} - ${tie('number')} * ${integer}`,
    sql`- ${chosen('n', 'm')} % 4`,
    sql`(${tie('number')} | 2)::bigint`,
    sql`greatest(${tie('number')}, n)`,
  ),
  text: fc.oneof(
    { depthSize: 'small' },
    literal,
    chosen(
      't',
      '"Odd ""name"""',
      'e::text',
      'n::text',
      'd::text',
      'at::text',
      'p::text',
      'b::text',
    ),
    sql`lower(${tie('text')})`,
    sql`${tie('text')} || ${tie('text')}`,
    sql`coalesce(t, ${literal})`,
    sql`concat(t, n, ${literal})`,
    sql`substr(t, ${integer})`,
  ),
  where: fc.oneof(
    { depthSize: 'medium' },
    sql`${tie('number')} ${comparison} ${tie('number')}`,
    sql`t ${comparison} ${tie('text')}`,
    sql`${tie('text')} ${chosen('LIKE', 'NOT LIKE', 'ILIKE', 'NOT ILIKE')} ${literal}`,
    sql`n ${chosen('IN', 'NOT IN')} (${integer}, ${tie('number')})`,
    sql`t ${chosen('IN', 'NOT IN')} (${literal}, ${literal})`,
    sql`n ${chosen('BETWEEN', 'NOT BETWEEN', 'BETWEEN SYMMETRIC')} ${integer} AND ${tie('number')}`,
    sql`${chosen('n', 't', 'b', 'd', 'a', 'e', 'j')} IS ${chosen('NULL', 'NOT NULL')}`,
    sql`b IS ${chosen('TRUE', 'NOT TRUE', 'FALSE', 'NOT FALSE', 'UNKNOWN', 'NOT UNKNOWN')}`,
    sql`n IS ${chosen('DISTINCT FROM', 'NOT DISTINCT FROM')} ${tie('number')}`,
    sql`n ${comparison} ${chosen('ANY', 'ALL', 'SOME')} (${chosen("'{1,2}'", 'a', 'ARRAY[n, 3]', "'{}'")})`,
    sql`d ${comparison} ${chosen("'2024-01-01'", "date '2024-02-29'", '$1', "'1999-12-01'::date + 31")}`,
    sql`at ${comparison} ${chosen("'2024-01-01T01:00:00+01'", "timestamptz '2024-02-29' - interval '1 day'")}`,
    sql`p ${comparison} ${chosen('1.50', "'1.5'", '1e0', '-0.0', "'NaN'")}`,
    sql`f = ${chosen('0.1', '1', "'Infinity'")}`,
    sql`u ${comparison} ${uuid.map((id) => `'${id}'`)}`,
    sql`e ${comparison} ${chosen("'ok'", "'today'")}`,
    sql`a ${chosen('=', '@>', '<@', '&&', '<>')} ${chosen("'{1,2}'", 'ARRAY[1]', "'{}'")}`,
    sql`c = ${chosen("'a'", "'a  '", "'abc'")}`,
    sql`j = ${chosen(`'{"a": 1}'`, "'[1]'")}`,
    chosen('b', 'true', 'false', 'NOT b', '$2', 'n = NULL', 'id = n'),
    sql`${tie('where')} AND ${tie('where')}`,
    sql`${tie('where')} OR ${tie('where')}`,
    sql`NOT ${tie('where')}`,
    sql`(${tie('where')} OR ${tie('where')})`,
    sql`(${tie('where')}) ${chosen('=', '<>', 'IS DISTINCT FROM')} (${tie('where')})`,
    sql`(${tie('where')}) IS ${chosen('TRUE', 'UNKNOWN', 'NOT FALSE')}`,
  ),
}))

/** A where clause that may be valid. */
export const { where } = clauses

export const PARAMS = ['2024-02-29', 't']

const nullable = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(value, { freq: 4 })

const values = fc.record({
  n: nullable(fc.integer({ min: -3, max: 6 })),
  m: nullable(chosen('0', '2', '9007199254740993')),
  t: nullable(word),
  b: nullable(fc.boolean()),
  d: nullable(day),
  p: nullable(chosen('1.5', '1.50', '0', 'NaN', '-3')),
  f: nullable(chosen('0.1', '1', 'Infinity', '-0')),
  u: nullable(uuid),
  a: nullable(chosen('{}', '{1,2}', '{1,NULL}', '{{1,2},{3,4}}')),
  e: nullable(chosen('sad', 'ok', 'today')),
  at: nullable(chosen('2024-01-01 00:00:00+00', '2024-02-28 00:00:00+02')),
  c: nullable(chosen('a', 'abc')),
  j: nullable(chosen('{"a": 1}', '[1]', '"x\\\\"')),
  'Odd "name"': nullable(chosen('a', 'a b,c', '(")', '\\')),
})

const change = fc.record({
  kind: chosen('put', 'put', 'put', 'patch', 'remove', 'move'),
  id: fc.integer({ min: 1, max: 6 }),
  values,
})
export const transactions = fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 5,
})

/** A change of one row; several changes form a transaction. */
export type Change = typeof change extends fc.Arbitrary<infer C> ? C : never
