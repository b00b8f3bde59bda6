import type { Change } from '../capture/reassembler.ts'
import type { Fields } from '../capture/record.ts'
import { keyColumnsOf } from '../table/table.ts'
import type { Definition } from './definition.ts'
import type { Entry } from './log.ts'

/** A change as one shape sees it: an update can move a row into the shape or out of it. */
export interface ShapeChange {
  readonly change: Change
  readonly oldBelongs: boolean
  readonly newBelongs: boolean
}

export interface Messages {
  /** All changes that a transaction makes in the shape; empty if readers can see none. */
  ofTransaction(transaction: { xid: number; lsn: number }, changes: readonly ShapeChange[]): Entry[]
  ofRow(row: Fields, extraHeaders?: Record<string, unknown>): string
}

type Operation = 'insert' | 'update' | 'delete'

interface Draft {
  op: number
  operation: Operation
  key: string
  value: string
  oldValue?: string
  extra?: Record<string, string>
}

interface Cell {
  readonly json: string
  readonly index: number
  readonly isKey: boolean
}

/**
 * Writes messages in Electric's JSON. The parts shared by all messages of a shape are prepared
 * once.
 */
export function messagesOf(definition: Definition): Messages {
  const { table, replica } = definition
  const cells: Cell[] = definition.columns.map((column) => ({
    json: JSON.stringify(column.name),
    index: table.columns.indexOf(column),
    isKey: column.keyIndex !== null,
  }))
  const relation = JSON.stringify([table.schema, table.name])
  const keyOf = keyWriter(definition)
  const keyCells = cells.filter(({ isKey }) => isKey)

  const object = (row: Fields, of: readonly Cell[]): string =>
    `{${of.map(({ json, index }) => `${json}:${JSON.stringify(row[index] ?? null)}`).join(',')}}`

  /**
   * The columns in a delete message: the key, or all columns if there is no key or if `replica` is
   * `full`.
   */
  const removed = (row: Fields): string =>
    object(row, replica === 'full' || keyCells.length === 0 ? cells : keyCells)

  const updated = (op: number, old: Fields, row: Fields): Draft[] => {
    const changed = cells.filter(({ index }) => old[index] !== row[index])
    if (changed.length === 0) return []
    const key = keyOf(row)
    const oldKey = keyOf(old)
    if (key !== oldKey) {
      return [
        {
          op,
          operation: 'delete',
          key: oldKey,
          value: removed(old),
          extra: { key_change_to: key },
        },
        {
          op: op + 1,
          operation: 'insert',
          key,
          value: object(row, cells),
          extra: { key_change_from: oldKey },
        },
      ]
    }
    if (replica === 'full') {
      const oldValue = object(old, changed)
      return [{ op, operation: 'update', key, value: object(row, cells), oldValue }]
    }
    const sent = cells.filter((cell) => cell.isKey || changed.includes(cell))
    return [{ op, operation: 'update', key, value: object(row, sent) }]
  }

  const draft = ({ change, oldBelongs, newBelongs }: ShapeChange): Draft[] => {
    // Two offsets for each change, because an update of the key is a delete and an insert.
    const op = change.index * 2
    const { old, new: fresh } = change
    if (oldBelongs && newBelongs && old !== null && fresh !== null) return updated(op, old, fresh)
    if (newBelongs && fresh !== null) {
      return [{ op, operation: 'insert', key: keyOf(fresh), value: object(fresh, cells) }]
    }
    if (oldBelongs && old !== null) {
      return [{ op, operation: 'delete', key: keyOf(old), value: removed(old) }]
    }
    return []
  }

  return {
    ofTransaction({ xid, lsn }, changes) {
      const drafts = changes.flatMap(draft)
      // Electric sends the 32-bit xids of Postgres, without the epoch.
      const txids = `[${xid % 2 ** 32}]`
      return drafts.map(({ op, operation, key, value, oldValue, extra }, i) => {
        const last = i === drafts.length - 1 ? '"last":true,' : ''
        const more = extra === undefined ? '' : `${JSON.stringify(extra).slice(1, -1)},`
        const headers = `{${last}${more}"relation":${relation},"operation":"${operation}","lsn":"${lsn}","op_position":${op},"txids":${txids}}`
        const old = oldValue === undefined ? '' : `,"old_value":${oldValue}`
        const json = `{"value":${value},"key":${JSON.stringify(key)},"headers":${headers}${old}}`
        return { lsn, op, xid, json }
      })
    },
    ofRow(row, extraHeaders) {
      const extra =
        extraHeaders === undefined ? '' : `,${JSON.stringify(extraHeaders).slice(1, -1)}`
      return `{"key":${JSON.stringify(keyOf(row))},"value":${object(row, cells)},"headers":{"relation":${relation},"operation":"insert"${extra}}}`
    },
  }
}

/** `"public"."items"/"1"`; without a primary key, all columns ordered by name. */
function keyWriter({ table, columns }: Definition): (row: Fields) => string {
  const keyColumns = keyColumnsOf(table)
  const parts = (keyColumns.length > 0 ? keyColumns : columns).map((column) =>
    table.columns.indexOf(column),
  )
  const prefix = `"${escapeName(table.schema)}"."${escapeName(table.name)}"`
  return (row) =>
    parts.reduce((key, index) => {
      const value = row[index] ?? null
      return `${key}/${value === null ? '_' : `"${value.replaceAll('/', '//')}"`}`
    }, prefix)
}

const escapeName = (name: string): string => name.replaceAll('.', '..').replaceAll('/', '//')
