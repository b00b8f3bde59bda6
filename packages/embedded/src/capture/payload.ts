/**
 * One notification, parsed. The trigger functions in `triggers.ts` write its text:
 *
 *   I <xid> <n> <oid> <new row>              insert
 *   U <xid> <n> <oid> <old row><new row>     update
 *   D <xid> <n> <oid> <old row>              delete
 *   T <xid> <n> <oid>                        truncate
 *   A <xid> <n> 0                            a table was created, altered or dropped
 *   P <xid> <n> <part> <parts> <base64>      one part of a row notification that was too long
 *   B <xid> <token>                          a barrier: everything that committed before it has been received
 *   H <xid> <token>                          a service began to listen
 *   X <xid> <shape>                          all services must drop a shape
 *
 * `n` counts a transaction's changes from 1. It also makes each payload unique, because Postgres
 * merges equal payloads of one transaction.
 */
export interface Mark {
  kind: 'barrier' | 'hello' | 'drop'
  xid: number
  /** The token or the shape id. */
  text: string
}

export type Payload =
  | {
      kind: 'change'
      operation: 'insert' | 'update' | 'delete' | 'truncate' | 'alter'
      xid: number
      position: number
      table: number
      rows: string
    }
  | {
      kind: 'part'
      xid: number
      position: number
      part: number
      parts: number
      base64: string
    }
  | Mark

export class PayloadError extends Error {
  override readonly name = 'PayloadError'
}

const MARKS = { B: 'barrier', H: 'hello', X: 'drop' } as const

/** The SQL that sends a mark; its parameters are the channel and the text of the mark. */
export const markSql = (kind: Mark['kind']): string => {
  const letter = { barrier: 'B', hello: 'H', drop: 'X' }[kind]
  return `SELECT pg_notify($1, '${letter} ' || pg_current_xact_id()::text || ' ' || $2::text)`
}

const OPERATIONS = {
  I: 'insert',
  U: 'update',
  D: 'delete',
  T: 'truncate',
  A: 'alter',
} as const

export function parsePayload(text: string): Payload {
  const kind = text[0]
  if (kind === 'B' || kind === 'H' || kind === 'X') {
    const end = text.indexOf(' ', 2)
    return { kind: MARKS[kind], xid: count(text.slice(2, end)), text: text.slice(end + 1) }
  }
  if (kind === 'P') {
    const [, xid, position, part, parts, base64] = text.split(' ')
    return {
      kind: 'part',
      xid: count(xid),
      position: count(position),
      part: count(part),
      parts: count(parts),
      base64: base64 ?? '',
    }
  }
  if (kind === undefined || !isOperation(kind)) {
    throw new PayloadError(`Unknown notification: ${text.slice(0, 40)}`)
  }
  const afterXid = text.indexOf(' ', 2)
  const afterPosition = text.indexOf(' ', afterXid + 1)
  const afterTable = text.indexOf(' ', afterPosition + 1)
  const end = afterTable === -1 ? text.length : afterTable
  return {
    kind: 'change',
    operation: OPERATIONS[kind],
    xid: count(text.slice(2, afterXid)),
    position: count(text.slice(afterXid + 1, afterPosition)),
    table: count(text.slice(afterPosition + 1, end)),
    rows: text.slice(end + 1),
  }
}

const isOperation = (kind: string): kind is keyof typeof OPERATIONS =>
  Object.hasOwn(OPERATIONS, kind)

function count(text: string | undefined): number {
  const value = Number(text)
  if (text === undefined || text === '' || !Number.isSafeInteger(value)) {
    throw new PayloadError(`not a number in a notification: ${text}`)
  }
  return value
}
