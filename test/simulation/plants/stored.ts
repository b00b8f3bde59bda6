// Faults of the database and of the store's statements.
import * as Y from 'yjs'
import type { StatementContext } from '../database/statement.ts'
import { runStatement } from '../database/statements.ts'
import { Transaction } from '../database/transaction.ts'
import { DOC_ID } from '../names.ts'
import type { Plant } from '../plant.ts'
import { isAppend, newest, onStatement, type Run, rowsOf, withoutLocks } from './on-statement.ts'
import { withoutNewest } from './wire.ts'

const segmentAtStart = new WeakMap<Transaction, number>()

export const STORED_PLANTS: readonly Plant[] = [
  {
    name: 'a write is acked and never stored',
    about: 'the transaction is rolled back after the server has answered',
    ...onStatement(isAppend, (context, run) => {
      const rows = run()
      context.tx.undoStatement()
      return rows
    }),
  },
  {
    name: 'a write is acked before its commit',
    about: 'the answer does not wait for the database',
    serve: async (request, serve) => {
      if (request.method !== 'POST' || !request.url.includes('/updates')) return serve(request)
      void serve(request)
      return Response.json({ seq: 1 }, { status: 201 })
    },
  },
  {
    name: 'a retried batch becomes a second row',
    about: 'the unique index is missing',
    ...onStatement(isAppend, (context, run) => {
      const rows = run()
      const stored = context.tx.row('updates', Number(rows[0]?.row_seq))
      if (rows[0]?.created === false && stored !== undefined) {
        context.tx.put('updates', { ...stored, seq: context.database.nextSeq('updates') })
      }
      return rows
    }),
  },
  {
    name: 'an append does not take the lock',
    about: 'a row commits after the seal of its segment',
    ...onStatement(isAppend, (context, run) => {
      withoutLocks(context)
      return run()
    }),
  },
  {
    name: 'an append reads its segment before it has the lock',
    about: 'the segment is sealed while the append waits',
    ...onStatement(isAppend, (context, run) => {
      const { tx } = context
      const before = segmentAtStart.get(tx) ?? tx.row('documents', DOC_ID)?.segment ?? 0
      segmentAtStart.set(tx, before)
      const rows = run()
      const row = tx.row('updates', Number(rows[0]?.row_seq))
      if (row && rows[0]?.created) tx.put('updates', { ...row, segment: before })
      return rows
    }),
  },
  {
    name: 'a roll does not take the lock',
    about: 'the seal commits before the rows that are being appended',
    ...onStatement('ydoc_roll($1, $2)', (context, run) => {
      withoutLocks(context)
      return run()
    }),
  },
  {
    name: 'an append uses the segment before the active one',
    about: 'the server keeps the number of the active segment too long',
    ...onStatement(isAppend, (context, run) => {
      const rows = run()
      const row = context.tx.row('updates', Number(rows[0]?.row_seq))
      if (row && rows[0]?.created && row.segment > 0) {
        context.tx.put('updates', { ...row, segment: row.segment - 1 })
      }
      return rows
    }),
  },
  {
    name: 'a roll writes no seal',
    about:
      'readers of the sealed segment never learn that it is sealed, and answers do not tell them',
    ...withoutNewest,
    ...onStatement('ydoc_roll($1, $2)', (context, run) => {
      const rows = run()
      const seal = newest(context)
      if (rows[0]?.active !== null && seal?.data.byteLength === 0)
        context.tx.delete('updates', seal)
      return rows
    }),
  },
  {
    name: 'a roll writes its seal into the next segment',
    about: 'readers of a segment treat its first row as its end',
    ...withoutNewest,
    ...onStatement('ydoc_roll($1, $2)', (context, run) => {
      const rows = run()
      const seal = newest(context)
      if (rows[0]?.active !== null && seal?.data.byteLength === 0) {
        context.tx.put('updates', { ...seal, segment: seal.segment + 1 })
      }
      return rows
    }),
  },
  {
    name: 'a roll deletes the last row',
    about: 'rows are deleted while a segment is sealed',
    ...onStatement('ydoc_roll($1, $2)', (context, run) => {
      const last = newest(context)
      const rows = run()
      if (rows[0]?.active !== null && last) context.tx.delete('updates', last)
      return rows
    }),
  },
  {
    name: 'a fold is not one transaction',
    about: 'a separate transaction deletes the rows',
    ...onStatement('DELETE FROM ydoc_update', ({ database, values }, _run, text) => {
      const own = new Transaction(database)
      const rows = runStatement(database, own, text, values)
      own.commit()
      return rows
    }),
  },
  {
    name: 'a fold drops a row that waits for others',
    about: 'carried rows are not inserted again',
    ...onStatement('ydoc_append_all(', () => [{ seq: '1' }]),
  },
  {
    name: 'a fold deletes the rows of the active segment too',
    about: 'the condition of the deletion is one too large',
    ...onStatement('INSERT INTO ydoc_snapshot', (context, run) => {
      for (const row of rowsOf(context)) context.tx.delete('updates', row)
      return run()
    }),
  },
  {
    name: 'a fold does not delete the last row of its segment',
    about: 'the condition of the deletion is one too small',
    ...onStatement('DELETE FROM ydoc_update', (context, run) => {
      const through = Number(context.values[1])
      const kept = rowsOf(context).find(
        (row) => row.segment <= through && row.data.byteLength === 0,
      )
      const rows = run()
      if (kept) context.tx.put('updates', kept)
      return rows
    }),
  },
  {
    name: 'the delete set of a fold is lost',
    about: 'the snapshot row is encoded without its deletes',
    ...onStatement('INSERT INTO ydoc_snapshot', (context, run) =>
      runWith(context, run, withoutDeletes),
    ),
  },
  {
    name: 'a fold deletes the text',
    about: 'the snapshot row has the same state vector and no content',
    ...onStatement('INSERT INTO ydoc_snapshot', (context, run) =>
      runWith(context, run, (doc) => {
        const text = doc.getText('body')
        text.delete(0, text.length)
        return Y.encodeStateAsUpdateV2(doc)
      }),
    ),
  },
  {
    name: 'pruning deletes the newest snapshot row',
    about: 'retention counts from the wrong end',
    ...onStatement('SELECT seq, through_segment, label, created_at, now()', (context, run) => {
      for (const row of context.tx.rows('snapshots')) context.tx.delete('snapshots', row)
      return run()
    }),
  },
]

/** Runs the insertion of a snapshot row with other bytes. */
function runWith(
  context: StatementContext,
  run: Run,
  change: (doc: Y.Doc) => Uint8Array,
): Record<string, unknown>[] {
  const doc = new Y.Doc({ guid: 'planted' })
  doc.clientID = 5
  const values = context.values as unknown[]
  Y.applyUpdateV2(doc, values[2] as Uint8Array)
  values[2] = change(doc)
  return run()
}

/** The structs of a document without its deletes. Bit 3 of a struct marks it as deleted. */
function withoutDeletes(doc: Y.Doc): Uint8Array {
  for (const structs of doc.store.clients.values()) {
    for (const struct of structs) if (struct instanceof Y.Item) struct.info &= ~4
  }
  return Y.encodeStateAsUpdateV2(doc)
}
