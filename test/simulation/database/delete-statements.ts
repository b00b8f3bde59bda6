// The deletion of a document, `ydoc_delete`, and the notifications between servers.
import { snapshotsOf, updatesOf } from './read-statements.ts'
import type { Statement, StatementContext } from './statement.ts'
import { compactionLock, documentLock, refuseDeleted } from './write-statements.ts'

function deleteDocument({ database, tx, values }: StatementContext) {
  const docId = values[0] as string
  tx.lock(compactionLock(docId), 'exclusive')
  tx.lock(documentLock(docId), 'exclusive')
  refuseDeleted(tx, docId)
  const document = tx.row('documents', docId)
  if (document === undefined) {
    return [
      {
        at: null,
        updates: null,
        snapshots: null,
        awareness: null,
        set_aside: null,
        writers: null,
        files: null,
      },
    ]
  }
  const { segment } = document
  const [updates, snapshots] = [updatesOf(tx, docId), snapshotsOf(tx, docId)]
  const present = tx.rows('presence').filter((row) => row.docId === docId)
  for (const row of updates) tx.delete('updates', row)
  for (const row of snapshots) tx.delete('snapshots', row)
  for (const row of present) tx.delete('presence', row)
  tx.put('documents', {
    ...document,
    segment: segment + 1,
    segmentOpenedAt: tx.startedAt,
    deletedAt: tx.startedAt,
  })
  tx.put('updates', {
    seq: database.nextSeq('updates'),
    docId,
    segment,
    batchId: null,
    data: new Uint8Array(),
    structs: null,
    createdAt: tx.startedAt,
  })
  return [
    {
      at: new Date(tx.startedAt),
      updates: updates.length,
      snapshots: snapshots.length,
      awareness: present.length,
      set_aside: 0,
      writers: 0,
      files: 0,
    },
  ]
}

export const DELETE_STATEMENTS: readonly Statement[] = [
  // Names of writers are not part of the document, and no rule of a run depends on them.
  { begins: 'SELECT ydoc_note_writer($1', run: () => [{ ydoc_note_writer: '' }] },
  { begins: 'SELECT * FROM ydoc_delete($1, $2)', run: deleteDocument },
  {
    begins: 'SELECT pg_notify($1, $2)',
    run: ({ database, values }) => {
      const [channel, payload] = values as [string, string]
      database.notify(channel, payload)
      return [{ pg_notify: '' }]
    },
  },
]
