import type pg from 'pg'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { isDatabaseUnavailable } from './availability.ts'
import { deletedError } from './deleted.ts'
import { PIECE_BYTES } from './pieces.ts'
import { type Appended, appendUpdate, type Batch, bufferOf } from './updates.ts'

/** How many rows one transaction appends at most. */
const GROUP_ROWS = 256

type QueueLimits = Pick<
  Limits,
  'maxTransactionBytes' | 'maxWaitingAppends' | 'appendLanes' | 'busyRetryAfterSeconds'
>

/** A row that waits for a transaction, and its caller. */
interface Waiting {
  readonly docId: string
  readonly batch: Batch & { readonly batchId: string }
  readonly keepHistory: boolean
  readonly resolve: (appended: Appended) => void
  readonly reject: (error: unknown) => void
}

interface Outcome {
  readonly outcome: 'created' | 'stored' | 'deleted' | 'busy'
  readonly row_seq: string | null
}

/**
 * Group commit: while transactions are in flight, the rows of all documents gather and go as the next
 * one. An idle server appends a row at once. A row that cannot be appended (its document was deleted, or
 * is locked) neither fails nor delays the others of its group.
 */
export class AppendQueue {
  readonly #pool: pg.Pool
  readonly #limits: QueueLimits
  readonly #lanes: number
  #running = 0
  #waiting: Waiting[] = []
  /** Rows that are appended by a statement of their own. */
  #alone = 0

  constructor(pool: pg.Pool, limits: QueueLimits) {
    this.#pool = pool
    this.#limits = limits
    this.#lanes = Math.min(limits.appendLanes, pool.options?.max ?? limits.appendLanes)
  }

  /**
   * Appends one update row. When it resolves, the row is committed (ACK-1). The same `batchId` again,
   * also at the same time, is answered with the first row's seq (ACK-3).
   * @throws {RequestError} `deleted`; `server_busy` if too many rows wait
   */
  append(
    docId: string,
    batch: Batch & { readonly batchId: string },
    keepHistory: boolean,
  ): Promise<Appended> {
    const { maxWaitingAppends, busyRetryAfterSeconds } = this.#limits
    if (this.#waiting.length + this.#alone >= maxWaitingAppends) {
      throw new RequestError(
        'server_busy',
        'too many updates wait to be stored: send the update again later',
        { retryAfterSeconds: busyRetryAfterSeconds },
      )
    }
    return new Promise((resolve, reject) => {
      const row = { docId, batch, keepHistory, resolve, reject }
      if (batch.update.byteLength > this.#maxGroupBytes) return this.#settleAlone(row)
      this.#waiting.push(row)
      if (this.#running < this.#lanes) void this.#run()
    })
  }

  /** A larger row may need a segment of its own, and would keep its neighbours waiting. */
  get #maxGroupBytes(): number {
    return Math.min(PIECE_BYTES, this.#limits.maxTransactionBytes)
  }

  async #run(): Promise<void> {
    this.#running += 1
    while (this.#waiting.length > 0) await this.#appendGroup(this.#takeGroup())
    this.#running -= 1
  }

  /** The oldest rows that fit into one transaction. */
  #takeGroup(): Waiting[] {
    let rows = 0
    let bytes = 0
    for (const { batch } of this.#waiting) {
      bytes += batch.update.byteLength
      if (rows === GROUP_ROWS || (rows > 0 && bytes > this.#maxGroupBytes)) break
      rows += 1
    }
    return this.#waiting.splice(0, rows)
  }

  async #appendGroup(group: readonly Waiting[]): Promise<void> {
    const sorted = [...group].sort(byDocumentAndBatch)
    let outcomes: Outcome[]
    try {
      outcomes = await this.#query(sorted)
    } catch (error) {
      // Nothing of the group is stored. Each row alone shows which one the database refuses, or has to
      // wait for another transaction.
      const settle = isDatabaseUnavailable(error)
        ? (row: Waiting) => row.reject(error)
        : (row: Waiting) => this.#settleAlone(row)
      group.forEach(settle)
      return
    }
    for (const [index, row] of sorted.entries()) {
      const { outcome, row_seq: seq } = outcomes[index] as Outcome
      if (outcome === 'deleted') row.reject(deletedError())
      else if (outcome === 'busy') this.#settleAlone(row)
      else row.resolve({ seq: Number(seq), created: outcome === 'created' })
    }
  }

  async #query(group: readonly Waiting[]): Promise<Outcome[]> {
    const { rows } = await this.#pool.query<Outcome>({
      name: 'ydoc_append_group',
      text: 'SELECT outcome, row_seq FROM ydoc_append_group($1, $2, $3, $4, $5)',
      values: [
        group.map(({ docId }) => docId),
        group.map(({ batch }) => batch.batchId),
        group.map(({ batch }) => bufferOf(batch.update)),
        group.map(({ batch }) => batch.structs),
        group.map(({ keepHistory }) => keepHistory),
      ],
    })
    if (rows.length !== group.length) throw new Error('ydoc_append_group left out a row')
    return rows
  }

  /** No lane waits for it: a lock may be held for as long as a fold takes. */
  #settleAlone({ docId, batch, keepHistory, resolve, reject }: Waiting): void {
    this.#alone += 1
    appendUpdate(this.#pool, docId, batch, { ...this.#limits, keepHistory })
      .then(resolve, reject)
      .finally(() => {
        this.#alone -= 1
      })
  }
}

/** A UUID is the same batch in any case. */
const byDocumentAndBatch = (a: Waiting, b: Waiting): number =>
  compare(a.docId, b.docId) || compare(a.batch.batchId.toLowerCase(), b.batch.batchId.toLowerCase())

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
