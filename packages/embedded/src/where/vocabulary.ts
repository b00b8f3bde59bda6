/**
 * Every function, operator and type that a where clause may use. Rules for an entry: its result
 * depends only on its arguments, and its running time is bounded by their size. So there are
 * no aggregates, no clock, no random numbers, no regular expressions and no repetition.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

/** Functions of pg_catalog. COALESCE, GREATEST, LEAST and NULLIF are SQL syntax: see below. */
export const FUNCTIONS = words(
  `abs ceil ceiling floor round trunc sign mod div sqrt
   lower upper length char_length character_length octet_length bit_length concat
   btrim ltrim rtrim left right substr strpos starts_with split_part like notlike
   array_length array_ndims array_lower array_upper array_position array_append array_prepend
   array_cat cardinality
   date_part date_trunc timezone justify_days justify_hours justify_interval`,
)

/** Written like functions, but part of the grammar: they take no schema. */
export const CONDITIONAL_FUNCTIONS = words('coalesce greatest least nullif')

/** Names that Electric or SQL uses for functions with another name in pg_catalog. */
export const FUNCTION_ALIASES: Readonly<Record<string, string>> = {
  ilike: 'texticlike',
  notilike: 'texticnlike',
  trim: 'btrim',
}

const TYPE_ALIASES: Readonly<Record<string, string>> = {
  boolean: 'bool',
  smallint: 'int2',
  int: 'int4',
  integer: 'int4',
  bigint: 'int8',
  real: 'float4',
  'double precision': 'float8',
  decimal: 'numeric',
  'character varying': 'varchar',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  'time without time zone': 'time',
  'time with time zone': 'timetz',
}

const TYPES = words(
  `bool int2 int4 int8 float4 float8 numeric text varchar uuid bytea jsonb
   date time timetz timestamp timestamptz interval`,
)

/** The name of a type in pg_catalog; undefined if where clauses may not use the type. */
export function typeOf(name: string): string | undefined {
  const canonical = TYPE_ALIASES[name] ?? name
  return TYPES.has(canonical) ? canonical : undefined
}

/** Type names of several words, whose first word may be a type as well. */
export const LONG_TYPE_NAMES = Object.keys(TYPE_ALIASES).filter((name) => name.includes(' '))

/** Types whose input functions may depend on the clock: `'now'::timestamp`. */
export const CLOCK_TYPES = words('date time timetz timestamp timestamptz')

/** Words that Postgres reads as a time relative to the clock; a regular expression. */
export const CLOCK_WORDS = 'now|today|tomorrow|yesterday'

/** Column types without text: a value of such a type that is cast to a date is never a word such as `now`. */
export const WORDLESS_TYPES = words(
  `bool int2 int4 int8 float4 float8 numeric uuid bytea date time timetz timestamp timestamptz
   interval`,
)

/** How tightly an operator binds, as in Postgres; a higher number binds more tightly. */
export const BINDING = {
  or: 1,
  and: 2,
  not: 3,
  is: 4,
  comparison: 5,
  range: 6,
  other: 7,
  sum: 8,
  product: 9,
  power: 10,
  zone: 11,
  sign: 12,
  element: 13,
  cast: 14,
} as const

export const BINARY_OPERATORS: ReadonlyMap<string, number> = new Map([
  ...['=', '<>', '<', '<=', '>', '>='].map((text) => [text, BINDING.comparison] as const),
  ...['||', '|', '&', '#', '@>', '<@', '&&'].map((text) => [text, BINDING.other] as const),
  ...['+', '-'].map((text) => [text, BINDING.sum] as const),
  ...['*', '/', '%'].map((text) => [text, BINDING.product] as const),
  ['^', BINDING.power],
])

export const PREFIX_OPERATORS: ReadonlyMap<string, number> = new Map([
  ['-', BINDING.sign],
  ['+', BINDING.sign],
  ['@', BINDING.other],
  ['~', BINDING.other],
  ['|/', BINDING.other],
])
