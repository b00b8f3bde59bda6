import { RequestError } from '../errors.ts'
import { type Column, keyColumnsOf, type Table } from '../table/table.ts'
import { type Condition, EVERYTHING, toCondition } from '../where/condition.ts'
import { WhereError } from '../where/lexer.ts'
import { parseWhere } from '../where/parser.ts'

/** The shape that a request asks for, before the table is known. */
export interface ShapeRequest {
  readonly table: string
  readonly where: string | null
  readonly params: ReadonlyMap<number, string>
  readonly columns: readonly string[] | null
  readonly replica: 'default' | 'full'
  readonly logMode: 'full' | 'changes_only'
  readonly compaction: boolean
}

export interface Definition {
  readonly table: Table
  readonly condition: Condition
  /** The columns that readers see, by name. */
  readonly columns: readonly Column[]
  readonly replica: 'default' | 'full'
  readonly logMode: 'full' | 'changes_only'
  /** Two requests with the same key read the same shape. */
  readonly key: string
}

export function define(request: ShapeRequest, table: Table): Definition {
  const columns = selectColumns(request.columns, table)
  const condition = readCondition(request, table)
  const { replica, logMode } = request
  const key = JSON.stringify([
    table.oid,
    condition.never || [
      condition.terms.map(({ column, test }) => [column, test]),
      condition.rest?.key ?? null,
    ],
    request.columns === null ? null : columns.map(({ name }) => name),
    replica,
    logMode,
    request.compaction,
  ])
  return { table, condition, columns, replica, logMode, key }
}

function readCondition({ where, params }: ShapeRequest, table: Table): Condition {
  if (where === null) return EVERYTHING
  try {
    return toCondition(parseWhere(where), table, params)
  } catch (error) {
    if (error instanceof WhereError) throw RequestError.of('where', error.message)
    throw error
  }
}

function selectColumns(names: readonly string[] | null, table: Table): Column[] {
  if (names !== null) {
    // A row of a table without a primary key is identified by all its columns.
    const primary = keyColumnsOf(table)
    const key = primary.length > 0 ? primary : table.columns
    const missing = key.filter(({ name }) => !names.includes(name))
    if (missing.length > 0) {
      throw RequestError.of(
        'columns',
        `The list of columns must include all primary key columns, missing: ${list(missing.map(({ name }) => name))}`,
      )
    }
    const unknown = names.filter((name) => !table.columns.some((column) => column.name === name))
    if (unknown.length > 0) {
      throw RequestError.of(
        'columns',
        `The following columns are not found on the table: ${list(unknown)}`,
      )
    }
  }
  return table.columns
    .filter(({ name }) => names === null || names.includes(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

const list = (names: readonly string[]): string => names.join(', ')

/** The `electric-schema` header. */
export function schemaOf(definition: Definition): string {
  return JSON.stringify(
    Object.fromEntries(
      definition.columns.map((column) => [
        column.name,
        {
          type: column.type,
          ...(column.dims > 0 && { dims: column.dims }),
          ...column.modifier,
          ...(column.notNull && { not_null: true }),
          ...(column.keyIndex !== null && { pk_index: column.keyIndex }),
        },
      ]),
    ),
  )
}
