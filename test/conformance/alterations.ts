// Ways to alter a table while clients read it.

export const TABLE = `CREATE TABLE items (id integer PRIMARY KEY, a text, b text, n integer);
  INSERT INTO items VALUES (1, 'a1', 'b1', 10), (2, 'a2', 'b2', 20)`

export interface Kind {
  readonly what: string
  readonly sql: string
  /** The rows that a new reader gets after the alteration. */
  readonly rows: Record<string, string | null>[]
  /** A write after the alteration. `after` lists the resulting rows. */
  readonly write?: string
  readonly after?: Record<string, string | null>[]
}

export const first = { id: '1', a: 'a1', b: 'b1', n: '10' }
export const second = { id: '2', a: 'a2', b: 'b2', n: '20' }
export const third = { id: '3', a: 'a3', b: 'b3', n: '30' }
export const write = "INSERT INTO items VALUES (3, 'a3', 'b3', 30)"

export const KINDS: readonly Kind[] = [
  {
    what: 'dropped and recreated',
    sql: `DROP TABLE items; ${TABLE}`,
    rows: [first, second],
    write,
    after: [first, second, third],
  },
  {
    what: 'renamed and replaced by another table',
    sql: `ALTER TABLE items RENAME TO items_before; ${TABLE.replace("'a1'", "'new'")}`,
    rows: [{ ...first, a: 'new' }, second],
    write,
    after: [{ ...first, a: 'new' }, second, third],
  },
  {
    what: 'with one column dropped and another added',
    sql: 'ALTER TABLE items DROP COLUMN b; ALTER TABLE items ADD COLUMN c text',
    rows: [
      { id: '1', a: 'a1', n: '10', c: null },
      { id: '2', a: 'a2', n: '20', c: null },
    ],
    write: "UPDATE items SET c = 'c1' WHERE id = 1",
    after: [
      { id: '1', a: 'a1', n: '10', c: 'c1' },
      { id: '2', a: 'a2', n: '20', c: null },
    ],
  },
  {
    what: 'with a column dropped and recreated',
    sql: 'ALTER TABLE items DROP COLUMN n; ALTER TABLE items ADD COLUMN n integer',
    rows: [
      { ...first, n: null },
      { ...second, n: null },
    ],
    write,
    after: [{ ...first, n: null }, { ...second, n: null }, third],
  },
  {
    what: 'with a renamed column',
    sql: 'ALTER TABLE items RENAME COLUMN b TO c',
    rows: [
      { id: '1', a: 'a1', c: 'b1', n: '10' },
      { id: '2', a: 'a2', c: 'b2', n: '20' },
    ],
    write: "UPDATE items SET c = 'x' WHERE id = 1",
    after: [
      { id: '1', a: 'a1', c: 'x', n: '10' },
      { id: '2', a: 'a2', c: 'b2', n: '20' },
    ],
  },
  {
    what: 'with the names of two columns exchanged',
    sql: `ALTER TABLE items RENAME COLUMN a TO c; ALTER TABLE items RENAME COLUMN b TO a;
      ALTER TABLE items RENAME COLUMN c TO b`,
    rows: [
      { ...first, a: 'b1', b: 'a1' },
      { ...second, a: 'b2', b: 'a2' },
    ],
    write: "UPDATE items SET a = 'x' WHERE id = 1",
    after: [
      { ...first, a: 'x', b: 'a1' },
      { ...second, a: 'b2', b: 'a2' },
    ],
  },
  {
    what: 'with a column of another type',
    sql: 'ALTER TABLE items ALTER COLUMN n TYPE numeric(6, 2)',
    rows: [
      { ...first, n: '10.00' },
      { ...second, n: '20.00' },
    ],
    write,
    after: [
      { ...first, n: '10.00' },
      { ...second, n: '20.00' },
      { ...third, n: '30.00' },
    ],
  },
  {
    what: 'with a column whose values are rewritten',
    sql: 'ALTER TABLE items ALTER COLUMN a TYPE text USING upper(a)',
    rows: [
      { ...first, a: 'A1' },
      { ...second, a: 'A2' },
    ],
    write,
    after: [{ ...first, a: 'A1' }, { ...second, a: 'A2' }, third],
  },
  {
    what: 'with another primary key',
    sql: 'ALTER TABLE items DROP CONSTRAINT items_pkey; ALTER TABLE items ADD PRIMARY KEY (a)',
    rows: [first, second],
    write: 'UPDATE items SET id = 5 WHERE id = 1',
    after: [second, { ...first, id: '5' }],
  },
  {
    what: 'without its primary key',
    sql: 'ALTER TABLE items DROP CONSTRAINT items_pkey',
    rows: [first, second],
    write,
    after: [first, second, third],
  },
  {
    what: 'emptied',
    sql: 'TRUNCATE items',
    rows: [],
    write,
    after: [third],
  },
  {
    what: 'in a schema that is dropped and recreated',
    sql: `DROP SCHEMA public CASCADE; CREATE SCHEMA public; ${TABLE}`,
    rows: [first, second],
    write,
    after: [first, second, third],
  },
  {
    what: 'with its capture triggers disabled',
    sql: 'ALTER TABLE items DISABLE TRIGGER USER',
    rows: [first, second],
    write,
    after: [first, second, third],
  },
  {
    what: 'with the schema of its capture dropped',
    sql: 'DROP SCHEMA shape_service CASCADE',
    rows: [first, second],
    write,
    after: [first, second, third],
  },
]
