// The rows of the compaction benchmark: a recording as rows of a few edits each, and the same document after
// a history three times as long.
import { mergeUpdates } from 'y-electric/protocol'
import * as Y from 'yjs'
import type { History } from '../../test/harness/history.ts'
import { replayInMemory } from '../../test/harness/historyReplay.ts'
import { TEXT_NAME } from '../replay/script.ts'

export interface StoredHistory {
  readonly edits: number
  /** The rows, each like one batch of a provider. */
  readonly rows: readonly Uint8Array[]
}

interface EditedRow {
  readonly edits: number
  readonly update: Uint8Array
}

export const editsInRow = 20

export interface StoredHistories {
  readonly recorded: StoredHistory
  /**
   * The recording with two more rows of another client after each row: the first types as many characters at
   * the top of the text, one by one, and the second removes them, one by one. At the end the text is the
   * same, and the document also contains the deleted structs.
   */
  readonly threefold: StoredHistory
}

export function storedHistories(history: History): StoredHistories {
  const rows = cutIntoRows(history)
  const other = openRecorder()
  const text = other.doc.getText(TEXT_NAME)
  const threefold = rows.flatMap((row) => {
    Y.applyUpdate(other.doc, row.update)
    const typed = other.record(row.edits, (index) => text.insert(index, 'a'))
    const takenBack = other.record(row.edits, (index) => text.delete(row.edits - index - 1, 1))
    return [row, typed, takenBack]
  })
  other.doc.destroy()
  return { recorded: toStore(rows), threefold: toStore(threefold) }
}

function toStore(rows: readonly EditedRow[]): StoredHistory {
  return {
    edits: rows.reduce((sum, { edits }) => sum + edits, 0),
    rows: rows.map(({ update }) => update),
  }
}

/** A row ends when it is full, or when another writer continues. */
function cutIntoRows(history: History): EditedRow[] {
  const rows: EditedRow[] = []
  let gathered: Uint8Array[] = []
  let edits = 0
  let writer = 0
  const flush = () => {
    if (gathered.length > 0) rows.push({ edits, update: mergeUpdates(gathered) })
    gathered = []
    edits = 0
  }
  for (const { replica, editCount, update } of replayInMemory(history, TEXT_NAME)) {
    if (replica !== writer || edits + editCount > editsInRow) flush()
    writer = replica
    edits += editCount
    gathered.push(update)
  }
  flush()
  return rows
}

function openRecorder() {
  const doc = new Y.Doc()
  // The client ids of a replay count from 1.
  doc.clientID = 1_000_000
  let updates: Uint8Array[] = []
  doc.on(
    'update',
    (update: Uint8Array, _origin: unknown, _doc: Y.Doc, { local }: Y.Transaction) => {
      if (local) updates.push(update)
    },
  )
  return {
    doc,
    record(edits: number, edit: (index: number) => void): EditedRow {
      updates = []
      for (let index = 0; index < edits; index++) edit(index)
      return { edits, update: mergeUpdates(updates) }
    },
  }
}
