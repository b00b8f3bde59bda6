// The title of a document, and the list of its versions that clients follow, in Electric's protocol.
import { listDocuments } from '@y-electric/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { expectError, postUpdate } from './api.ts'
import { type Lists, listsOf } from './lists.ts'

const backend = useBackend()
let server: TestServer
let lists: Lists
let aborter: AbortController

beforeEach(async () => {
  aborter = new AbortController()
  server = await serveApp({ backend: backend.current })
  lists = listsOf(server)
})
afterEach(async () => {
  aborter.abort()
  await server.close()
})

describe('a title', () => {
  test('creates a document, which then takes edits, and may be required to be new', async () => {
    const docId = freshDocId('titled')
    expect((await lists.setTitle(docId, 'Minutes', true)).status).toBe(201)
    await expectError(await lists.setTitle(docId, 'Other', true), 409, 'document_exists')
    expect((await postUpdate(server, docId)).status).toBe(201)
    const { documents } = await listDocuments(backend.current.pool, { prefix: docId })
    expect(documents).toMatchObject([{ docId, title: 'Minutes', rows: 1 }])
    expect((await lists.setTitle(docId, null)).status).toBe(200)
    expect(await lists.catchUp(`/documents?prefix=${docId}`)).toMatchObject([{ title: null }])
  })

  test('is refused if it is empty, too long, or not text', async () => {
    const docId = freshDocId('untitled')
    for (const title of ['', 'x'.repeat(201), 7, undefined, 'a\0b']) {
      await expectError(
        await lists.json('PUT', `/docs/${docId}/title`, { title }),
        400,
        'invalid_request',
      )
    }
    expect(await lists.catchUp(`/documents?prefix=${docId}`)).toEqual([])
  })

  test('is gone from the database once the document is deleted', async () => {
    const docId = freshDocId('secret')
    await lists.setTitle(docId, 'A secret title')
    await lists.json('DELETE', `/docs/${docId}`)
    await expectError(await lists.setTitle(docId, 'Again'), 410, 'deleted')
    const { rows } = await backend.current.pool.query(
      'SELECT title FROM ydoc_document WHERE doc_id = $1',
      [docId],
    )
    expect(rows).toEqual([{ title: null }])
  })
})

describe('the versions of a document', () => {
  test('are followed with their labels, without bytes and without those that have none', async () => {
    const docId = freshDocId('versions')
    await postUpdate(server, docId)
    const list = lists.follow(`/docs/${docId}/versions`, aborter.signal)
    const kept = await lists.json('POST', `/docs/${docId}/versions`, { label: 'First' })
    const { seq } = (await kept.json()) as { seq: number }
    await eventually(() => expect(list.rows()).toMatchObject([{ label: 'First' }]))
    expect(Object.keys(list.rows()[0] ?? {}).sort()).toEqual([
      'bytes',
      'created_at',
      'created_by',
      'label',
      'seq',
    ])
    await lists.json('PATCH', `/docs/${docId}/snapshots/${seq}`, { label: 'Second' })
    await eventually(() => expect(list.rows()).toMatchObject([{ label: 'Second' }]))
    await lists.json('PATCH', `/docs/${docId}/snapshots/${seq}`, { label: null })
    await eventually(() => expect(list.rows()).toEqual([]))
    await lists.json('PATCH', `/docs/${docId}/snapshots/${seq}`, { label: 'Third' })
    await eventually(() => expect(list.rows()).toMatchObject([{ label: 'Third' }]))
    await lists.json('DELETE', `/docs/${docId}`)
    await eventually(() => expect(list.rows()).toEqual([]))
    const { rows } = await backend.current.pool.query(
      'SELECT FROM ydoc_version WHERE doc_id = $1',
      [docId],
    )
    expect(rows).toEqual([])
    await expectError(await fetch(`${server.url}/docs/${docId}/versions?offset=-1`), 410, 'deleted')
  })

  test('include those that were kept before the database had the list', async () => {
    const docId = freshDocId('older')
    await postUpdate(server, docId)
    await lists.json('POST', `/docs/${docId}/versions`, { label: 'Older' })
    await backend.current.pool.query('DELETE FROM ydoc_version WHERE doc_id = $1', [docId])
    const path = `/docs/${docId}/versions`
    expect(await lists.catchUp(path)).toMatchObject([{ label: 'Older' }])
    expect(await lists.catchUp(path)).toHaveLength(1)
  })

  test('of another document are not there', async () => {
    const [docId, other] = [freshDocId('mine'), freshDocId('other')]
    for (const id of [docId, other]) {
      await postUpdate(server, id)
      await lists.json('POST', `/docs/${id}/versions`, { label: id })
    }
    for (const attempt of ['', '?where=true', `?params[1]=${other}`, '?table=ydoc_snapshot']) {
      expect(await lists.catchUp(`/docs/${docId}/versions${attempt}`)).toMatchObject([
        { label: docId },
      ])
    }
  })
})
