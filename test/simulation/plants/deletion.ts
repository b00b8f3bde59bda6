// Faults of the deletion of a document.
import { snapshotsOf } from '../database/read-statements.ts'
import { DOC_ID } from '../names.ts'
import type { Plant } from '../plant.ts'
import { onStatement, withoutLocks } from './on-statement.ts'

const isDelete = 'ydoc_delete('

export const DELETION_PLANTS: readonly Plant[] = [
  {
    name: 'a deletion leaves the snapshot rows',
    about: 'one of the tables is forgotten',
    ...onStatement(isDelete, (context, run) => {
      const kept = snapshotsOf(context.tx, DOC_ID)
      const rows = run()
      for (const row of kept) context.tx.put('snapshots', row)
      return rows
    }),
    profile: { isTroubled: true },
  },
  {
    name: 'a deletion takes no locks',
    about: 'a row that is being appended commits after the deletion',
    ...onStatement(isDelete, (context, run) => {
      withoutLocks(context)
      return run()
    }),
    profile: { isTroubled: true },
    steps: [
      { type: 'edit' },
      { type: 'pass', ms: 600 },
      { type: 'burst', count: 2 },
      { type: 'delete the document' },
      { type: 'edit' },
      { type: 'burst', count: 2 },
      { type: 'pass', ms: 40 },
    ],
  },
  {
    name: 'an append does not check whether the document was deleted',
    about: 'the tombstone is ignored',
    statement: (text, context, run) => {
      if (!text.includes('ydoc_append')) return run()
      const { tx } = context
      const row = tx.row.bind(tx)
      tx.row = (name, key) => {
        const found = row(name, key)
        return found && name === 'documents' ? { ...found, deletedAt: null } : found
      }
      return run()
    },
    profile: { isTroubled: true },
  },
]
