// Stores recorded histories as their writers would have, and folds the first half. Every format that can
// express the content exports it, and an import of the export gives the same content.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { importDocument, inspectDocument, verifyDocument } from '@y-electric/documents'
import { expect, test } from 'vitest'
import { mergeUpdates } from 'y-electric/protocol'
import * as Y from 'yjs'
import { freshDocId, readStored, useBackend } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { loadHistory } from '../harness/history.ts'
import { replayInMemory } from '../harness/historyReplay.ts'
import { expectConverged } from '../harness/oracle.ts'
import { append, fold } from './stored.ts'

const root = path.resolve(import.meta.dirname, '../..')
/** Recordings that this repository may not contain. They are used if they exist beside the repository. */
const traces = path.join(root, '../shared/traces')

const files = [
  ...['one-writer.json', 'two-writers.json', 'editor-session.json.gz'].map((name) =>
    path.join(root, 'test/data/histories', name),
  ),
  ...(isDeep ? ['sveltecomponent', 'friendsforever', 'automerge-paper'] : []).map((name) =>
    path.join(traces, `${name}.json.gz`),
  ),
].filter((file) => existsSync(file))

/** The number of rows into which a history is divided. */
const ROWS = 200

const backend = useBackend('postgres')

test.each(files.map((file) => [path.basename(file), file]))(
  '%s is exported and imported unchanged',
  async (_name, file) => {
    const { pool } = backend.current
    const history = await loadHistory(file)
    const updates: Uint8Array[] = []
    const docs = new Set<Y.Doc>()
    for (const { doc, update } of replayInMemory(history)) {
      docs.add(doc)
      updates.push(update)
    }
    const docId = freshDocId('history')
    const size = Math.ceil(updates.length / ROWS)
    const rows = Array.from({ length: Math.ceil(updates.length / size) }, (_, row) =>
      mergeUpdates(updates.slice(row * size, (row + 1) * size)),
    )
    const half = Math.ceil(rows.length / 2)
    await append(pool, docId, ...rows.slice(0, half))
    await fold(pool, docId)
    await append(pool, docId, ...rows.slice(half))
    expect((await verifyDocument(pool, docId)).findings).toEqual([])

    const original = new Y.Doc()
    for (const update of updates) Y.applyUpdate(original, update)
    const [name = ''] = original.share.keys()
    const read = async (of: string, format: 'text' | 'json' | 'update' | 'update-v2') =>
      (await inspectDocument(pool, of, { format, root: name, type: 'text' })).body

    expect(String(await read(docId, 'text')).trimEnd()).toBe(history.endContent.trimEnd())
    for (const format of ['update', 'update-v2'] as const) {
      const data = await read(docId, format)
      const again = freshDocId(format)
      await importDocument(pool, again, { format, data })
      const copy = new Y.Doc()
      if (format === 'update') Y.applyUpdate(copy, data as Uint8Array)
      else Y.applyUpdateV2(copy, data as Uint8Array)
      expectConverged([original, copy], await readStored(pool, docId))
      expectConverged([original], await readStored(pool, again))
    }
    for (const format of ['text', 'json'] as const) {
      const data = await read(docId, format)
      const again = freshDocId(format)
      await importDocument(pool, again, { format, data, root: name, type: 'text' })
      expect(await read(again, format)).toEqual(data)
    }
  },
)
