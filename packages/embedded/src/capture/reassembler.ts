import { type Mark, type Payload, PayloadError, parsePayload } from './payload.ts'
import { type Fields, parseRecord } from './record.ts'

export interface Change {
  /** `alter` says that some table is no longer as it was; `table` is 0 then. */
  readonly operation: 'insert' | 'update' | 'delete' | 'truncate' | 'alter'
  readonly table: number
  /** Counts the transaction's changes from 0, those of other tables too. */
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
 * Makes transactions of notifications. They come in commit order, one transaction's together; the
 * last one is held back until `settle()` or until another begins.
 */
export class Reassembler {
  #xid: number | null = null
  #changes: Change[] = []
  #parts = new Map<number, Parts>()

  push(text: string): CaptureEvent[] {
    const payload = parsePayload(text)
    if (payload.kind !== 'change' && payload.kind !== 'part') return [...this.settle(), payload]
    const events = payload.xid === this.#xid ? [] : this.settle()
    this.#xid = payload.xid
    if (payload.kind === 'change') this.#add(payload)
    else this.#addPart(payload)
    return events
  }

  /** The transaction that is open, if there is one, is complete. */
  settle(): CaptureEvent[] {
    if (this.#xid === null) return []
    if (this.#parts.size > 0) throw new PayloadError('a transaction ended within a row')
    const event = { kind: 'transaction', xid: this.#xid, changes: this.#changes } as const
    this.reset()
    return [event]
  }

  /** Forgets what is half received: the connection was lost. */
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
