// The log of one shape: the rows at its creation, in no order, and each change that the shape service has
// seen since.

import type { DatabaseDouble } from '../database/database.ts'
import type { Change, Commit, PresenceRow, UpdateRow } from '../database/tables.ts'
import type { Chance } from '../kernel/chance.ts'

export interface ShapeDefinition {
  readonly table: 'ydoc_update' | 'ydoc_awareness'
  readonly docId: string
  /** The segment of a shape of updates. */
  readonly segment: number | null
  /** `full` if the log begins with the existing rows. */
  readonly log: 'full' | 'changes_only'
}

export interface ShapeMessage {
  readonly key?: string
  readonly value?: Record<string, string>
  readonly headers: Record<string, unknown>
}

export const schemaOf = ({ table }: ShapeDefinition): string =>
  table === 'ydoc_update'
    ? '{"seq":{"type":"int8"},"data":{"type":"bytea"}}'
    : '{"doc_id":{"type":"text"},"client_id":{"type":"int8"},"data":{"type":"bytea"}}'

const hex = (data: Uint8Array): string => `\\x${Buffer.from(data).toString('hex')}`

export class ShapeLog {
  readonly handle: string
  readonly definition: ShapeDefinition
  /** The position up to which the shape has all changes at its creation. */
  readonly madeAt: number
  readonly #initial: readonly ShapeMessage[]
  readonly #changes: { readonly lsn: number; readonly message: ShapeMessage }[] = []

  constructor(
    handle: string,
    definition: ShapeDefinition,
    database: DatabaseDouble,
    madeAt: number,
    chance: Chance,
  ) {
    this.handle = handle
    this.definition = definition
    this.madeAt = madeAt
    const rows = definition.log === 'full' ? this.#rowsAt(database, madeAt) : []
    const keyed = rows.map((message) => ({ message, place: chance.number() }))
    this.#initial = keyed.sort((a, b) => a.place - b.place).map(({ message }) => message)
  }

  see({ lsn, changes }: Commit): void {
    if (lsn <= this.madeAt) return
    const own = changes.flatMap((change) => this.#message(change, lsn) ?? [])
    for (const [i, message] of own.entries()) {
      const headers = { ...message.headers, op_position: i, last: i === own.length - 1 }
      this.#changes.push({ lsn, message: { ...message, headers } })
    }
  }

  /** The messages after a position; null for all messages. */
  after(lsn: number | null): ShapeMessage[] {
    const changes = this.#changes
      .filter((change) => change.lsn > (lsn ?? this.madeAt))
      .map(({ message }) => message)
    return lsn === null ? [...this.#initial, ...changes] : changes
  }

  /** The rows of the table at a position of the log, computed backwards from the current rows. */
  #rowsAt(database: DatabaseDouble, lsn: number): ShapeMessage[] {
    const rows = new Map<string, ShapeMessage>()
    for (const commit of database.log) {
      if (commit.lsn > lsn) break
      for (const change of commit.changes) {
        const message = this.#message(change, commit.lsn)
        if (message?.key === undefined) continue
        if (message.headers.operation === 'delete') rows.delete(message.key)
        else rows.set(message.key, { ...message, headers: { operation: 'insert' } })
      }
    }
    return [...rows.values()]
  }

  /** The message of a change; null if the change does not concern this shape. */
  #message({ table, before, after }: Change, lsn: number): ShapeMessage | null {
    const row = after ?? before
    if (row === null || row.docId !== this.definition.docId) return null
    const operation = before === null ? 'insert' : after === null ? 'delete' : 'update'
    const headers = { operation, lsn: String(lsn) }
    if (table === 'updates' && this.definition.table === 'ydoc_update') {
      const { seq, segment, data } = row as UpdateRow
      if (segment !== this.definition.segment) return null
      const key = `"public"."ydoc_update"/"${seq}"`
      const value = { seq: String(seq), ...(after === null ? {} : { data: hex(data) }) }
      return { key, value, headers }
    }
    if (table === 'presence' && this.definition.table === 'ydoc_awareness') {
      const { docId, clientId, data } = row as PresenceRow
      const key = `"public"."ydoc_awareness"/"${docId}"/"${clientId}"`
      const ids = { doc_id: docId, client_id: String(clientId) }
      return { key, value: { ...ids, ...(after === null ? {} : { data: hex(data) }) }, headers }
    }
    return null
  }
}
