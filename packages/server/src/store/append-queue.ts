import type pg from 'pg'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { breather } from './breather.ts'
import { deletedError } from './deleted.ts'
import { compareText, GroupCommit, type Outcome } from './group-commit.ts'
import { lanesOf } from './lanes.ts'
import { PIECE_BYTES } from './pieces.ts'
import { type Appended, appendUpdate, type Batch, bufferOf } from './updates.ts'

type QueueLimits = Pick<
  Limits,
  'maxTransactionBytes' | 'maxWaitingAppends' | 'appendLanes' | 'busyRetryAfterSeconds'
>

/** An update row to append, and whether its document keeps deleted content from now on. */
interface Row {
  readonly docId: string
  readonly batch: Batch & { readonly batchId: string }
  readonly keepHistory: boolean
}

interface Answer {
  readonly outcome: 'created' | 'stored' | 'deleted' | 'busy'
  readonly row_seq: string | null
}

/** Appends update rows; rows that arrive while a transaction runs go into the next one. */
export class AppendQueue {
  readonly #pool: pg.Pool
  readonly #group: GroupCommit<Row, Appended>

  constructor(pool: pg.Pool, limits: QueueLimits) {
    const { appendLanes, maxWaitingAppends, maxTransactionBytes, busyRetryAfterSeconds } = limits
    this.#pool = pool
    this.#group = new GroupCommit({
      lanes: lanesOf(pool, appendLanes),
      maxWaiting: maxWaitingAppends,
      // A larger row may need a segment of its own, and would delay its neighbours.
      maxBytes: Math.min(PIECE_BYTES, maxTransactionBytes),
      bytesOf: ({ batch }) => batch.update.byteLength,
      compare: byDocumentAndBatch,
      together: (rows) => this.#appendTogether(rows),
      alone: ({ docId, batch, keepHistory }) =>
        appendUpdate(pool, docId, batch, { ...limits, keepHistory }),
      full: () =>
        new RequestError(
          'server_busy',
          'too many updates wait to be stored: send the update again later',
          { retryAfterSeconds: busyRetryAfterSeconds },
        ),
    })
  }

  /**
   * Appends one update row. When it resolves, the row is committed (ACK-1). The same `batchId` again,
   * even concurrently, gets the seq of the first row (ACK-3).
   * @throws {RequestError} `deleted`; `server_busy` if too many rows wait
   */
  append(docId: string, batch: Row['batch'], keepHistory: boolean): Promise<Appended> {
    breather.noteEdit()
    return this.#group.write({ docId, batch, keepHistory })
  }

  async #appendTogether(rows: readonly Row[]): Promise<Outcome<Appended>[]> {
    const answers = await this.#pool.query<Answer>({
      name: 'ydoc_append_group',
      text: 'SELECT outcome, row_seq FROM ydoc_append_group($1, $2, $3, $4, $5)',
      values: [
        rows.map(({ docId }) => docId),
        rows.map(({ batch }) => batch.batchId),
        rows.map(({ batch }) => bufferOf(batch.update)),
        rows.map(({ batch }) => batch.structs),
        rows.map(({ keepHistory }) => keepHistory),
      ],
    })
    return answers.rows.map(outcomeOf)
  }
}

function outcomeOf({ outcome, row_seq: seq }: Answer): Outcome<Appended> {
  if (outcome === 'busy') return { type: 'alone' }
  if (outcome === 'deleted') return { type: 'refused', error: deletedError() }
  return { type: 'done', result: { seq: Number(seq), created: outcome === 'created' } }
}

/** A UUID is the same batch in upper and lower case. */
const byDocumentAndBatch = (a: Row, b: Row): number =>
  compareText(a.docId, b.docId) ||
  compareText(a.batch.batchId.toLowerCase(), b.batch.batchId.toLowerCase())
