import { setImmediate as nextTurn } from 'node:timers/promises'
import type pg from 'pg'
import { Line } from '../capture/line.ts'
import type { Fields } from '../capture/record.ts'
import { inReadTransaction } from '../database/transaction.ts'
import { quoteIdentifier } from '../table/identifier.ts'
import type { Column } from '../table/table.ts'
import { conditionSql } from '../where/condition.ts'
import type { Definition } from './definition.ts'
import { messagesOf } from './message.ts'
import { fieldsOf, nameOf, spreader } from './query.ts'
import { type PgSnapshot, parsePgSnapshot } from './visibility.ts'

/** The most rows that one statement reads. */
const PIECE_ROWS = 4_096

/** How many times rows that changed during reading are listed again, outside a transaction. */
const ROUNDS = 4

/** The weight of a row in addition to its columns, in bytes. */
const ROW_BYTES = 64

/** All rows of a shape at one moment. */
export interface ShapeRows {
  /** Each row as a message. */
  readonly messages: readonly string[]
  /** The transactions that the rows contain. */
  readonly snapshot: PgSnapshot
}

/** One reading of a shape. */
interface Reading {
  readonly definition: Definition
  /** Turns a row into a message. */
  readonly write: (row: Fields) => string
  readonly pieceBytes: number
}

/**
 * A row as one transaction wrote it, and its location. A version never changes: an update writes
 * another version at another location.
 */
interface Version {
  /** The table that holds the row; it may be a partition. */
  readonly table: string
  /** The table's file; it changes when the table is rewritten and its rows move. */
  readonly file: string
  readonly place: string
  readonly writer: string
  /** The approximate size of its text. */
  readonly bytes: number
}

interface Listed {
  readonly versions: readonly Version[]
  readonly snapshot: PgSnapshot
}

/**
 * Reads the rows of shapes. A small shape is read in one transaction. For a larger shape, one
 * transaction lists the versions of its rows, which defines the moment of the snapshot; then their
 * data are read in pieces outside it, because PGlite has one connection and a long transaction
 * would block everything else. If a version disappears meanwhile, all are listed again, and only
 * unknown versions are read. Rows are in no particular order, as in Electric.
 */
export class ShapeReader {
  readonly #pool: pg.Pool
  readonly #pieceBytes: number
  /**
   * Large shapes are read one at a time, so that other work waits for one piece, not for one of
   * each shape.
   */
  readonly #large = new Line()

  /** @param pieceBytes how much text of rows one statement reads; a longer row is read alone. */
  constructor(pool: pg.Pool, pieceBytes: number) {
    this.#pool = pool
    this.#pieceBytes = pieceBytes
  }

  async read(definition: Definition): Promise<ShapeRows> {
    const { ofRow } = messagesOf(definition)
    const spread = spreader(definition)
    const write = (row: Fields): string => ofRow(spread(row))
    const reading: Reading = { definition, write, pieceBytes: this.#pieceBytes }
    const small = await readSmall(this.#pool, reading)
    return small ?? this.#large.ask(() => readLarge(this.#pool, reading))
  }
}

/** The rows of a shape, or null if they are more than one piece. */
function readSmall(pool: pg.Pool, reading: Reading): Promise<ShapeRows | null> {
  const { definition, write, pieceBytes } = reading
  return inReadTransaction(pool, {}, async (client) => {
    const { from, values } = sourceOf(definition)
    const { rows } = await client.query<{ snapshot: string; count: number; bytes: number }>(
      `SELECT pg_current_snapshot()::text AS snapshot, count(*)::float8 AS count,
              coalesce(sum(${bytesOf(definition)}), 0)::float8 AS bytes ${from}`,
      values,
    )
    const [size] = rows
    if (size === undefined) throw new Error('an aggregate returned no row')
    if (size.count > PIECE_ROWS || size.bytes > pieceBytes) return null
    const text = `SELECT ${fieldsOf(definition)} ${from}`
    const read = await client.query<(string | null)[]>({ text, values, rowMode: 'array' })
    return { messages: read.rows.map(write), snapshot: parsePgSnapshot(size.snapshot) }
  })
}

async function readLarge(pool: pg.Pool, reading: Reading): Promise<ShapeRows> {
  const { definition, write, pieceBytes } = reading
  const known = new Map<string, string>()
  for (let round = 0; round < ROUNDS; round++) {
    const listed = await inReadTransaction(pool, {}, (client) => list(client, definition))
    for await (const piece of piecesOf(missing(listed, known), pieceBytes)) {
      const text = await inReadTransaction(pool, {}, (client) =>
        readPiece(client, definition, piece),
      )
      for (const [version, row] of text) known.set(version, write(row))
    }
    const rows = assemble(listed, known)
    if (rows !== null) return rows
  }
  // The remaining rows change faster than they can be read, so they are read in the same
  // transaction as the list.
  return inReadTransaction(pool, {}, async (client) => {
    const listed = await list(client, definition)
    for await (const piece of piecesOf(missing(listed, known), pieceBytes)) {
      const text = await readPiece(client, definition, piece)
      for (const [version, row] of text) known.set(version, write(row))
    }
    const rows = assemble(listed, known)
    if (rows === null) throw new Error('a row disappeared within a transaction that can see it')
    return rows
  })
}

/** Forgets versions that are no longer listed, and returns those that must be read. */
function missing({ versions }: Listed, known: Map<string, string>): Version[] {
  const listed = new Set(versions.map(keyOf))
  for (const key of known.keys()) if (!listed.has(key)) known.delete(key)
  return versions.filter((version) => !known.has(keyOf(version)))
}

/** All messages, or null if one is missing. */
function assemble({ versions, snapshot }: Listed, known: Map<string, string>): ShapeRows | null {
  const messages: string[] = []
  for (const version of versions) {
    const message = known.get(keyOf(version))
    if (message === undefined) return null
    messages.push(message)
  }
  return { messages, snapshot }
}

const keyOf = ({ table, file, place, writer }: Version): string =>
  `${table} ${file} ${place} ${writer}`

async function list(client: pg.ClientBase, definition: Definition): Promise<Listed> {
  const { from, values } = sourceOf(definition)
  const visible = await client.query<{ text: string }>('SELECT pg_current_snapshot()::text AS text')
  const { rows } = await client.query<[string, string, string, number]>({
    text: `SELECT tableoid::text, ctid::text, xmin::text, (${bytesOf(definition)})::float8 ${from}`,
    values,
    rowMode: 'array',
  })
  // This transaction has locked the tables, so none of them is rewritten before it ends.
  const { rows: files } = await client.query<{ table: string; file: string }>(
    `SELECT t::oid::text AS table, pg_relation_filenode(t::oid)::text AS file
     FROM unnest($1::text[]) AS t`,
    [[...new Set(rows.map(([table]) => table))]],
  )
  const fileOf = new Map(files.map(({ table, file }) => [table, file]))
  return {
    versions: rows.map(([table, place, writer, bytes]) => {
      return { table, file: fileOf.get(table) ?? '', place, writer, bytes }
    }),
    snapshot: parsePgSnapshot(visible.rows[0]?.text ?? ''),
  }
}

/** Groups consecutive versions of one table into pieces. The event loop runs between two pieces. */
async function* piecesOf(
  versions: readonly Version[],
  pieceBytes: number,
): AsyncGenerator<readonly Version[]> {
  let piece: Version[] = []
  let bytes = 0
  for (const version of versions) {
    const isFull = bytes + version.bytes > pieceBytes || piece.length >= PIECE_ROWS
    if (piece.length > 0 && (isFull || piece[0]?.table !== version.table)) {
      yield piece
      await nextTurn()
      piece = []
      bytes = 0
    }
    piece.push(version)
    bytes += version.bytes
  }
  if (piece.length > 0) yield piece
}

/** The versions of the piece that still exist, by their keys. */
async function readPiece(
  client: pg.ClientBase,
  definition: Definition,
  piece: readonly Version[],
): Promise<[version: string, row: Fields][]> {
  const [first] = piece
  if (first === undefined) return []
  const { table, file } = first
  const { rows } = await client.query<[string, string, ...(string | null)[]]>({
    text: `SELECT ctid::text, xmin::text, ${fieldsOf(definition)} FROM ${nameOf(definition.table)}
           WHERE ctid = ANY($1::text[]::tid[]) AND tableoid = $2::oid
             AND pg_relation_filenode($2::oid) = $3::oid`,
    values: [piece.map(({ place }) => place), table, file],
    rowMode: 'array',
  })
  return rows.map(([place, writer, ...row]) => [
    keyOf({ table, file, place, writer, bytes: 0 }),
    row,
  ])
}

/** The source of a shape's rows: empty if the shape contains only changes. */
function sourceOf({ table, condition, logMode }: Definition) {
  const values: string[] = []
  const where = logMode === 'changes_only' ? 'false' : conditionSql(condition, values)
  return { from: `FROM ${nameOf(table)} WHERE ${where}`, values }
}

/** SQL for the approximate length of a row's text, without reading long values. */
const bytesOf = ({ columns }: Definition): string =>
  [...columns.map(columnBytes), ROW_BYTES].join(' + ')

function columnBytes({ name, type, dims, isPlain }: Column): string {
  const column = quoteIdentifier(name)
  const isText = isPlain && dims === 0 && ['text', 'varchar', 'bpchar'].includes(type)
  if (isText) return `coalesce(octet_length(${column}), 0)`
  // Each byte is written as two digits.
  if (isPlain && dims === 0 && type === 'bytea') return `coalesce(2 * octet_length(${column}), 0)`
  return `coalesce(pg_column_size(${column}), 0)`
}
