// The statements about presence rows. There are no users, since the simulation's `authorize` names none.
import { type Statement, type StatementContext, sqlError } from './statement.ts'
import { presenceKey } from './tables.ts'
import { documentLock, refuseDeleted, withoutWaiting } from './write-statements.ts'

const STALE_AFTER_MS = 5 * 60_000

function put({ tx, values }: StatementContext) {
  const [docId, clientId, data, user] = values as [string, number, Uint8Array, string | null]
  if (user !== null) throw sqlError('0A000', 'the double has no users')
  tx.lock(documentLock(docId), 'shared')
  refuseDeleted(tx, docId)
  const there = tx.row('presence', presenceKey(docId, Number(clientId)))
  tx.put('presence', {
    docId,
    clientId: Number(clientId),
    data: new Uint8Array(data),
    updatedAt: tx.startedAt,
  })
  return [{ outcome: there === undefined ? 'arrived' : 'written' }]
}

function putGroup(context: StatementContext) {
  const [docIds, clientIds, data, users] = context.values as [
    string[],
    number[],
    Uint8Array[],
    (string | null)[],
  ]
  return docIds.map((docId, i) => {
    if (!context.tx.tryLock(documentLock(docId), 'shared')) return { outcome: 'busy' }
    const values = [docId, clientIds[i], data[i], users[i] ?? null]
    const [row] = withoutWaiting(() => put({ ...context, values }))
    return row ?? { outcome: 'written' }
  })
}

function int8s(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length)
  for (const [i, value] of values.entries()) {
    bytes.writeBigInt64BE(BigInt(Math.round(value)), 8 * i)
  }
  return bytes
}

function int4(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export const PRESENCE_STATEMENTS: readonly Statement[] = [
  { begins: "SELECT set_config('synchronous_commit', CASE WHEN $8::boolean", run: put },
  {
    begins: 'SELECT CASE WHEN pg_try_advisory_xact_lock_shared(ydoc_lock_key(p.doc_id)) THEN',
    run: putGroup,
  },
  {
    begins: 'WITH gone AS ( DELETE FROM ydoc_awareness WHERE doc_id = $1 AND client_id = $2',
    run: ({ tx, values }) => {
      const [docId, clientId] = values as [string, number]
      const row = tx.row('presence', presenceKey(docId, Number(clientId)))
      if (row !== undefined) tx.delete('presence', row)
      return [{ not_yours: false }]
    },
  },
  {
    begins: 'DELETE FROM ydoc_awareness WHERE doc_id = $1 AND updated_at < now()',
    run: ({ tx, values }) => {
      for (const row of tx.rows('presence')) {
        if (row.docId !== values[0]) continue
        if (row.updatedAt < tx.startedAt - STALE_AFTER_MS) tx.delete('presence', row)
      }
      return []
    },
  },
  {
    begins: 'WITH page AS MATERIALIZED ( SELECT client_id, data, updated_at FROM ydoc_awareness',
    run: ({ tx, values }) => {
      const [docId, after] = values as [string, string]
      const rows = tx
        .rows('presence')
        .filter((row) => row.docId === docId && row.clientId > Number(after))
        .sort((a, b) => a.clientId - b.clientId)
      return [
        {
          count: rows.length,
          has_more: false,
          ids: int8s(rows.map(({ clientId }) => clientId)),
          times: int8s(rows.map(({ updatedAt }) => updatedAt * 1_000)),
          lengths: Buffer.concat(rows.map(({ data }) => int4(data.byteLength))),
          data: Buffer.concat(rows.map(({ data }) => data)),
          now: int8s([tx.startedAt * 1_000]),
        },
      ]
    },
  },
]
