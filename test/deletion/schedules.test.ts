// Deletion at the same moment as every other operation on a document.
import { randomUUID } from 'node:crypto'
import {
  copyDocument,
  diffSnapshots,
  importDocument,
  inspectDocument,
  openDocument,
  restoreSnapshot,
  seedDocument,
} from '@y-electric/documents'
import {
  deleteDocument,
  keepSnapshot,
  labelSnapshot,
  listSnapshots,
  RequestError,
  verifyDeleted,
} from '@y-electric/server'
import { describe, expect, test } from 'vitest'
import {
  awarenessPath,
  awarenessRowsPath,
  clientAwarenessPath,
  segmentPath,
  snapshotsPath,
  statePath,
  UPDATE_MEDIA_TYPE,
} from 'y-electric/protocol'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { type Api, createApi, createWriter, honestProposal } from '../compaction/api.ts'
import { DOCUMENT_BACKENDS, freshDocId, roll, useBackend } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { tracesOf } from './traces.ts'

/** By default: the deletion comes first, last, and twice in between. The simulator deletes in other schedules. */
const FEW_ROUNDS = 4

/** Makes a document with a row in every table. Each row contains the marker. */
async function createDocument(api: Api, marker: string) {
  const { pool } = api
  const docId = freshDocId('deleted')
  const writer = createWriter()
  await api.append(docId, writer.type(`first ${marker} `))
  await roll(pool, docId)
  await api.fold(docId, 0, await honestProposal(api, docId, 0))
  await api.append(docId, writer.type(`second ${marker} `))
  const { seq } = await keepSnapshot(pool, docId, { label: `label ${marker}`, createdBy: marker })
  await api.append(docId, writer.type(`third ${marker} `))
  const presence = await putPresence(api, docId, marker)
  await pool.query(
    `INSERT INTO ydoc_writer (doc_id, client_id, user_name, name, is_trusted) VALUES ($1, 7, $2, $2, true)`,
    [docId, marker],
  )
  await pool.query(
    `INSERT INTO ydoc_file (doc_id, file_id, content_type, data, created_by)
     VALUES ($1, $2, 'image/png', convert_to($2, 'UTF8'), $2)`,
    [docId, marker],
  )
  await pool.query(
    `INSERT INTO ydoc_set_aside (doc_id, source, source_seq, data, reason)
     VALUES ($1, 'ydoc_update', 1, convert_to($2, 'UTF8'), $2)`,
    [docId, marker],
  )
  return { docId, writer, seq, presence }
}

async function putPresence(api: Api, docId: string, marker: string): Promise<Response> {
  const awareness = new Awareness(new Y.Doc({ guid: 'made' }))
  awareness.setLocalState({ user: { name: marker } })
  const body = encodeAwarenessUpdate(awareness, [awareness.clientID])
  const path = clientAwarenessPath(docId, awareness.clientID)
  awareness.destroy()
  return api.request(path, {
    method: 'PUT',
    headers: { 'content-type': UPDATE_MEDIA_TYPE },
    body: new Uint8Array(body),
  })
}

const codeOf = (error: unknown) => (error instanceof RequestError ? error.code : String(error))

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  const apiOfBackend = () => createApi(backend.current)

  test('a deletion leaves no data, and the proof shows the data before and their absence after', async () => {
    const api = apiOfBackend()
    const marker = `marker-${randomUUID()}`
    const { docId, presence } = await createDocument(api, marker)
    expect(presence.status).toBe(204)
    expect(await tracesOf(api.pool, marker)).toEqual(
      expect.arrayContaining([
        'ydoc_update.data',
        'ydoc_snapshot.data',
        'ydoc_snapshot.label',
        'ydoc_snapshot.created_by',
        'ydoc_awareness.data',
        'ydoc_set_aside.data',
        'ydoc_set_aside.reason',
        'ydoc_writer.user_name',
        'ydoc_writer.name',
        'ydoc_file.file_id',
        'ydoc_file.data',
        'ydoc_file.created_by',
      ]),
    )
    const removed = {
      ydoc_update: 2,
      ydoc_snapshot: 2,
      ydoc_awareness: 1,
      ydoc_set_aside: 1,
      ydoc_writer: 1,
      ydoc_file: 1,
    }
    expect(await verifyDeleted(api.pool, docId)).toEqual({
      docId,
      deletedAt: null,
      gone: false,
      remaining: removed,
    })
    const deletion = await deleteDocument(api.pool, docId, { deletedBy: 'ada' })
    expect(deletion).toEqual({ docId, deletedAt: expect.any(String), removed })
    expect(await tracesOf(api.pool, marker)).toEqual([])
    expect(await verifyDeleted(api.pool, docId)).toEqual({
      docId,
      deletedAt: deletion.deletedAt,
      gone: true,
      remaining: {
        ydoc_update: 0,
        ydoc_snapshot: 0,
        ydoc_awareness: 0,
        ydoc_set_aside: 0,
        ydoc_writer: 0,
        ydoc_file: 0,
      },
    })
  })

  test('every call after the deletion is refused as deleted, and stores nothing', async () => {
    const api = apiOfBackend()
    const { pool } = api
    const marker = `marker-${randomUUID()}`
    const { docId, writer, seq } = await createDocument(api, marker)
    const document = await openDocument(pool, docId)
    await deleteDocument(pool, docId)
    const write = (doc: Y.Doc) => doc.getText('text').insert(0, marker)
    const calls: Record<string, () => Promise<unknown>> = {
      transact: () => document.transact(write),
      open: () => openDocument(pool, docId),
      seed: () => seedDocument(pool, docId, write),
      import: () => importDocument(pool, docId, { format: 'text', data: marker }),
      keep: () => keepSnapshot(pool, docId, { label: marker }),
      keepOlder: () => keepSnapshot(pool, docId, { label: marker, at: seq }),
      label: () => labelSnapshot(pool, docId, seq, marker),
      list: () => listSnapshots(pool, docId),
      diff: () => diffSnapshots(pool, docId, { from: seq, to: 'now' }),
      restore: () => restoreSnapshot(pool, docId, seq),
      copyFrom: () => copyDocument(pool, docId, freshDocId('copied')),
      inspect: () => inspectDocument(pool, docId, { format: 'json' }),
      delete: () => deleteDocument(pool, docId),
    }
    for (const [call, start] of Object.entries(calls)) {
      const code = await start().then(() => 'done', codeOf)
      expect(`${call}: ${code}`).toBe(`${call}: deleted`)
    }
    const copyTo = freshDocId('source')
    await seedDocument(pool, copyTo, write)
    await expect(copyDocument(pool, copyTo, docId)).rejects.toMatchObject({ code: 'deleted' })
    await deleteDocument(pool, copyTo)

    const answers = {
      append: await api.append(docId, writer.type(marker)),
      roll: await api.roll(docId, 2),
      rollOld: await api.roll(docId, 0),
      fold: await api.fold(docId, 1, new Uint8Array([0, 0])),
    }
    for (const [call, { status, code }] of Object.entries(answers)) {
      expect({ call, status, code }).toEqual({ call, status: 410, code: 'deleted' })
    }
    expect((await putPresence(api, docId, marker)).status).toBe(410)
    const reads = [
      statePath(docId),
      `${segmentPath(docId, 0)}?offset=-1`,
      `${segmentPath(docId, 2)}?offset=-1`,
      `${segmentPath(docId, 99)}?offset=-1`,
      snapshotsPath(docId),
      `${snapshotsPath(docId)}/${seq}`,
      `${awarenessPath(docId)}?offset=now`,
      awarenessRowsPath(docId),
    ]
    for (const path of reads) {
      const response = await api.request(path)
      expect(`${path} ${response.status}`).toBe(`${path} 410`)
      expect(await response.json()).toMatchObject({ error: { code: 'deleted' } })
    }
    expect(await tracesOf(pool, marker)).toEqual([])
  })

  test('a document that was never stored cannot be deleted', async () => {
    const { pool } = backend.current
    const docId = freshDocId('none')
    await expect(deleteDocument(pool, docId)).rejects.toMatchObject({ code: 'not_found' })
    expect(await verifyDeleted(pool, docId)).toMatchObject({ gone: false, deletedAt: null })
  })

  test('a deletion removes nothing of other documents', async () => {
    const api = apiOfBackend()
    const [gone, stays] = [`marker-${randomUUID()}`, `marker-${randomUUID()}`]
    const one = await createDocument(api, gone)
    await createDocument(api, stays)
    const before = await tracesOf(api.pool, stays)
    await deleteDocument(api.pool, one.docId)
    expect(await tracesOf(api.pool, stays)).toEqual(before)
  })

  test('nothing is left, whatever runs at the same moment', { timeout: 600_000 }, async () => {
    for (let round = 0; round < (isDeep ? 200 : FEW_ROUNDS); round++) {
      const api = apiOfBackend()
      const { pool } = api
      const marker = `marker-${randomUUID()}`
      const { docId, writer, seq } = await createDocument(api, marker)
      const write = (doc: Y.Doc) => doc.getText('text').insert(0, marker)
      const fold = async () => {
        const { activeSegment } = await api.state(docId)
        await roll(pool, docId)
        await api.fold(docId, activeSegment, await honestProposal(api, docId, activeSegment))
      }
      const work: (() => Promise<unknown>)[] = [
        () => api.append(docId, writer.type(marker)),
        () => api.append(docId, createWriter().type(marker)),
        () => putPresence(api, docId, marker),
        () => api.roll(docId, 1),
        // A proposal is made from state. If reading state is refused, there is no fold.
        () => fold().catch(() => {}),
        () => keepSnapshot(pool, docId, { label: marker, createdBy: marker }),
        () => labelSnapshot(pool, docId, seq, `other ${marker}`),
        () => restoreSnapshot(pool, docId, seq, { createdBy: marker }),
        () => seedDocument(pool, docId, write),
        async () => (await openDocument(pool, docId)).transact(write),
        () => inspectDocument(pool, docId, { format: 'json' }),
      ]
      // In each round, the deletion starts after another of these operations.
      const at = isDeep
        ? round % (work.length + 1)
        : Math.round((round * work.length) / (FEW_ROUNDS - 1))
      let deletion: Promise<unknown> = Promise.resolve()
      const outcomes = work.map((start, index) => {
        if (index === at) deletion = deleteDocument(pool, docId)
        return start().then(() => 'done', codeOf)
      })
      if (at === work.length) deletion = deleteDocument(pool, docId)
      await deletion
      const strange = (await Promise.all(outcomes)).filter(
        (code) => code !== 'done' && code !== 'deleted',
      )
      expect(strange).toEqual([])
      expect(await tracesOf(pool, marker)).toEqual([])
      expect(await verifyDeleted(pool, docId)).toMatchObject({ gone: true })
    }
  })
})
