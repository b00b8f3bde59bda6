// The functions of the schema that append and roll: ydoc_append, ydoc_append_all and ydoc_roll.
import { type Statement, type StatementContext, sqlError } from './statement.ts'
import type { DocumentRow } from './tables.ts'
import { Blocked, type Transaction } from './transaction.ts'

export const documentLock = (docId: string): string => `document ${docId}`
export const compactionLock = (docId: string): string => `compaction ${docId}`

export function refuseDeleted(tx: Transaction, docId: string): void {
  if ((tx.row('documents', docId)?.deletedAt ?? null) === null) return
  throw sqlError('YD410', 'the document was deleted')
}

/** Inserts the document's row unless it exists. */
export function ensureDocument({ tx }: StatementContext, docId: string, now: number): DocumentRow {
  const there = tx.row('documents', docId)
  if (there !== undefined) return there
  // Like ON CONFLICT, it waits for a transaction that inserts the same row.
  tx.requireUncontested('documents', (row) => row.docId === docId)
  const row = {
    docId,
    segment: 0,
    segmentOpenedAt: now,
    createdAt: now,
    deletedAt: null,
    keepHistory: false,
  }
  tx.put('documents', row)
  return row
}

interface NewRow {
  readonly docId: string
  readonly batchId: string | null
  readonly data: Uint8Array
  readonly structs: number | null
}

export function append(
  context: StatementContext,
  { docId, batchId, data, structs }: NewRow,
): { seq: number; created: boolean } {
  const { database, tx } = context
  const stored = () =>
    batchId === null
      ? undefined
      : tx.rows('updates').find((row) => row.docId === docId && row.batchId === batchId)
  const earlier = stored()
  if (earlier !== undefined) return { seq: earlier.seq, created: false }
  tx.lock(documentLock(docId), 'shared')
  refuseDeleted(tx, docId)
  const { segment } = ensureDocument(context, docId, tx.startedAt)
  if (batchId !== null) {
    tx.requireUncontested('updates', (row) => row.docId === docId && row.batchId === batchId)
  }
  const seq = database.nextSeq('updates')
  tx.put('updates', { seq, docId, segment, batchId, data, structs, createdAt: tx.startedAt })
  return { seq, created: true }
}

export function roll(
  { database, tx }: StatementContext,
  docId: string,
  active: number,
): number | null {
  tx.lock(documentLock(docId), 'exclusive')
  refuseDeleted(tx, docId)
  const document = tx.row('documents', docId)
  if (document === undefined || document.segment !== active) return null
  const segment = active + 1
  tx.put('documents', { ...document, segment, segmentOpenedAt: tx.startedAt })
  tx.put('updates', {
    seq: database.nextSeq('updates'),
    docId,
    segment: active,
    batchId: null,
    data: new Uint8Array(),
    structs: null,
    createdAt: tx.startedAt,
  })
  return segment
}

function keepHistory(context: StatementContext, docId: string): void {
  const { tx } = context
  if (tx.row('documents', docId)?.keepHistory) return
  tx.lock(documentLock(docId), 'shared')
  refuseDeleted(tx, docId)
  const document = ensureDocument(context, docId, tx.startedAt)
  tx.put('documents', { ...document, keepHistory: true })
}

const appendOne = (context: StatementContext) => {
  const [docId, batchId, data, structs] = context.values as [
    string,
    string,
    Uint8Array,
    number | null,
  ]
  const row = { docId, batchId, data: new Uint8Array(data), structs }
  const { seq, created } = append(context, row)
  return [{ row_seq: String(seq), created }]
}

const appendAll = (context: StatementContext) => {
  const [docId, batchIds, updates, structs] = context.values as [
    string,
    (string | null)[],
    Uint8Array[],
    (number | null)[],
  ]
  let last: number | null = null
  for (const [i, data] of updates.entries()) {
    const row = {
      docId,
      batchId: batchIds[i] ?? null,
      data: new Uint8Array(data),
      structs: structs[i] ?? null,
    }
    last = append(context, row).seq
  }
  return [{ seq: last === null ? null : String(last) }]
}

/** ydoc_append_group: appends rows of any documents without waiting for locks. */
const appendGroup = (context: StatementContext) => {
  const [docIds, batchIds, updates, structs, keeps] = context.values as [
    string[],
    string[],
    Uint8Array[],
    (number | null)[],
    boolean[],
  ]
  return docIds.map((docId, i) => {
    const { tx } = context
    if (!tx.tryLock(documentLock(docId), 'shared')) return { outcome: 'busy', row_seq: null }
    if ((tx.row('documents', docId)?.deletedAt ?? null) !== null) {
      return { outcome: 'deleted', row_seq: null }
    }
    return withoutWaiting(() => {
      if (keeps[i]) keepHistory(context, docId)
      const { seq, created } = append(context, {
        docId,
        batchId: batchIds[i] ?? null,
        data: new Uint8Array(updates[i] ?? []),
        structs: structs[i] ?? null,
      })
      return { outcome: created ? 'created' : 'stored', row_seq: String(seq) }
    })
  })
}

/** Fails instead of waiting, as Postgres does after `lock_timeout`. */
export function withoutWaiting<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Blocked)) throw error
    throw sqlError('55P03', 'canceling statement due to lock timeout')
  }
}

const keepingFirst =
  (run: Statement['run']): Statement['run'] =>
  (context) => {
    keepHistory(context, context.values[0] as string)
    return run(context)
  }

export const WRITE_STATEMENTS: readonly Statement[] = [
  { begins: 'SELECT row_seq, created FROM ydoc_append($1,', run: appendOne },
  {
    begins: 'SELECT row_seq, created FROM ydoc_append(ydoc_keep_history($1),',
    run: keepingFirst(appendOne),
  },
  { begins: 'SELECT outcome, row_seq FROM ydoc_append_group(', run: appendGroup },
  { begins: 'SELECT ydoc_append_all($1,', run: appendAll },
  { begins: 'SELECT ydoc_append_all(ydoc_keep_history($1),', run: keepingFirst(appendAll) },
  {
    begins: 'SELECT ydoc_keep_history($1)',
    run: keepingFirst(({ values }) => [{ ydoc_keep_history: values[0] }]),
  },
  {
    begins: 'SELECT ydoc_roll($1, $2) AS active',
    run: (context) => {
      const [docId, active] = context.values as [string, number]
      return [{ active: roll(context, docId, active) }]
    },
  },
  {
    begins: 'SELECT ydoc_roll(doc_id, segment) FROM ydoc_document WHERE doc_id = $1',
    run: (context) => {
      const docId = context.values[0] as string
      const document = context.tx.row('documents', docId)
      if (document === undefined) return []
      return [{ ydoc_roll: roll(context, docId, document.segment) }]
    },
  },
  {
    begins: 'SELECT pg_advisory_xact_lock(ydoc_lock_key($1))',
    run: ({ tx, values }) => {
      tx.lock(documentLock(values[0] as string), 'exclusive')
      return []
    },
  },
  {
    begins: 'INSERT INTO ydoc_document (doc_id) VALUES ($1) ON CONFLICT DO NOTHING',
    run: (context) => {
      ensureDocument(context, context.values[0] as string, context.tx.startedAt)
      return []
    },
  },
]
