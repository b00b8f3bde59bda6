import { type Mark, type Payload, PayloadError, parsePayload } from './payload.ts'
import { type Fields, parseRecord } from './record.ts'

export interface Change {
  /** `alter` means that the definition of some table may have changed; `table` is then 0. */
  readonly operation: 'insert' | 'update' | 'delete' | 'truncate' | 'alter'
  readonly table: number
  /** The index of this change in its transaction, from 0; changes of other tables count too. */
  readonly index: number
  readonly old: Fields | null
  readonly new: Fields | null
}

export type CaptureEvent = { kind: 'transaction'; xid: number; changes: readonly Change[] } | Mark

interface Parts {
  readonly count: number
  readonly received: string[]
}

/**
 * Builds transactions from notifications. These arrive in commit order, those of one transaction
 * together; the last transaction is held back until `settle()` or until another one begins.
 */
export class Reassembler {
  #xid: number | null = null
  #changes: Change[] = []
  #parts = new Map<number, Parts>()

  push(text: string): CaptureEvent[] {
    const payload = parsePayload(text)
    if (payload.kind !== 'change' && payload.kind !== 'part') return [...this.#end(), payload]
    const events = payload.xid === this.#xid ? [] : this.#end()
    this.#xid = payload.xid
    if (payload.kind === 'change') this.#add(payload)
    else this.#addPart(payload)
    return events
  }

  /**
   * Completes the open transaction, if there is one, because nothing more of it is expected. Within a row
   * it stays open: its other parts are still on their way.
   */
  settle(): CaptureEvent[] {
    return this.#parts.size > 0 ? [] : this.#end()
  }

  #end(): CaptureEvent[] {
    if (this.#xid === null) return []
    if (this.#parts.size > 0) throw new PayloadError('a transaction ended within a row')
    const event = { kind: 'transaction', xid: this.#xid, changes: this.#changes } as const
    this.reset()
    return [event]
  }

  /** Discards a half-received transaction after the connection was lost. */
  reset(): void {
    this.#xid = null
    this.#changes = []
    this.#parts = new Map()
  }

  #add(payload: Extract<Payload, { kind: 'change' }>): void {
    const { operation, table, rows } = payload
    let old: Fields | null = null
    let fresh: Fields | null = null
    if (operation === 'insert') fresh = parseRecord(rows).fields
    else if (operation === 'delete') old = parseRecord(rows).fields
    else if (operation === 'update') {
      const first = parseRecord(rows)
      old = first.fields
      fresh = parseRecord(rows, first.end).fields
    }
    this.#changes.push({ operation, table, index: payload.position - 1, old, new: fresh })
  }

  #addPart(payload: Extract<Payload, { kind: 'part' }>): void {
    const { position, part, parts, base64 } = payload
    const row = this.#parts.get(position) ?? { count: parts, received: [] }
    if (part !== row.received.length + 1 || parts !== row.count || part > parts) {
      throw new PayloadError(`part ${part} of ${parts} out of order`)
    }
    row.received.push(base64)
    if (part < parts) {
      this.#parts.set(position, row)
      return
    }
    this.#parts.delete(position)
    const whole = Buffer.concat(row.received.map((text) => Buffer.from(text, 'base64')))
    const payloadOfRow = parsePayload(whole.toString('utf8'))
    if (payloadOfRow.kind !== 'change' || payloadOfRow.xid !== payload.xid) {
      throw new PayloadError('parts that make no change')
    }
    this.#add(payloadOfRow)
  }
}
