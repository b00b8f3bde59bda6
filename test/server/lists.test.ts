// The lists that clients follow: the documents that a user may list, and the versions of a document. Both are Electric's
// protocol, and a user receives no row that the hook did not allow.
import { Shape, ShapeStream } from '@electric-sql/client'
import { type Authorize, type Decision, listDocuments, MAX_LISTED_IDS } from '@y-electric/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, roll, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { expectError, postUpdate } from './api.ts'
import { revoke, SECRET } from './revoking.ts'
import { createUpstream } from './upstream.ts'

const backend = useBackend()
let server: TestServer
let decide: (prefix: string) => Decision
let aborter: AbortController

const authorize: Authorize = ({ action, docId }) => (action === 'list' ? decide(docId) : 'allow')

beforeEach(async () => {
  decide = () => ({ user: 'ada' })
  aborter = new AbortController()
  server = await serveApp({
    backend: {
      pool: backend.current.pool,
      shapes: { ...backend.current.shapes, seesCommits: true },
    },
    authorize,
    revoke: SECRET,
    reauthorizeMs: 3_600_000,
  })
})
afterEach(async () => {
  aborter.abort()
  await server.close()
})

const json = (method: string, path: string, body?: object): Promise<Response> =>
  fetch(`${server.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })

const setTitle = (docId: string, title: string | null, onlyNew?: boolean): Promise<Response> =>
  json('PUT', `/docs/${docId}/title`, { title, onlyNew })

interface Message {
  readonly headers: { readonly operation?: string; readonly control?: string }
  readonly value: Record<string, unknown>
}

/** The rows of one catch-up, by the first column of their key. */
async function catchUp(path: string): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${server.url}${path}${path.includes('?') ? '&' : '?'}offset=-1`)
  expect(response.status).toBe(200)
  const messages = (await response.json()) as Message[]
  return messages.filter(({ headers }) => headers.operation === 'insert').map(({ value }) => value)
}

/** Follows a list with Electric's own client. */
function follow(
  path: string,
  liveSse = true,
): { rows: () => Record<string, unknown>[]; messages: unknown[] } {
  const stream = new ShapeStream({
    url: `${server.url}${path}`,
    liveSse,
    signal: aborter.signal,
    onError: () => {},
  })
  const messages: unknown[] = []
  stream.subscribe((batch) => {
    messages.push(...batch.filter(({ headers }) => 'operation' in headers))
  })
  const shape = new Shape(stream as unknown as ConstructorParameters<typeof Shape>[0])
  return { rows: () => shape.currentRows, messages }
}

const idsOf = (rows: readonly Record<string, unknown>[]): unknown[] =>
  rows.map(({ doc_id }) => doc_id).sort()

describe('the list of documents', () => {
  test('follows creation, renaming and deletion, and sends nothing while somebody types', async () => {
    const prefix = freshDocId('typed')
    const [first, second] = [`${prefix}/1`, `${prefix}/2`].map(encodeURIComponent) as [
      string,
      string,
    ]
    expect((await setTitle(first, 'Plan')).status).toBe(201)
    const list = follow(`/documents?prefix=${prefix}`)
    await eventually(() => expect(list.rows()).toMatchObject([{ title: 'Plan' }]))
    expect(Object.keys(list.rows()[0] ?? {}).sort()).toEqual([
      'created_at',
      'doc_id',
      'keep_history',
      'title',
    ])

    // Edits, a roll and an equal title change no column of the list.
    const { length } = list.messages
    for (let i = 0; i < 3; i++) await postUpdate(server, `${prefix}/1`)
    await roll(backend.current.pool, `${prefix}/1`)
    await setTitle(first, 'Plan')
    expect((await setTitle(first, 'The plan')).status).toBe(200)
    await postUpdate(server, `${prefix}/2`)
    await eventually(() => expect(list.rows()).toHaveLength(2))
    expect(list.messages.slice(length)).toMatchObject([
      { headers: { operation: 'update' }, value: { title: 'The plan' } },
      { headers: { operation: 'insert' }, value: { doc_id: `${prefix}/2`, title: null } },
    ])

    await json('DELETE', `/docs/${second}`)
    await eventually(() => expect(idsOf(list.rows())).toEqual([`${prefix}/1`]))
  })

  test('has only the documents below the prefix, even if the prefix has wildcards of LIKE', async () => {
    const id = freshDocId('')
    for (const docId of [`a_b${id}`, `a-b${id}`, `a%b${id}`, `a\\b${id}`, `A_b${id}`]) {
      await postUpdate(server, docId)
    }
    const below = async (prefix: string) =>
      idsOf(await catchUp(`/documents?prefix=${encodeURIComponent(prefix)}`))
    expect(await below(`a_b${id}`)).toEqual([`a_b${id}`])
    expect(await below(`a%b${id}`)).toEqual([`a%b${id}`])
    expect(await below(`a\\b${id}`)).toEqual([`a\\b${id}`])
    const list = follow(`/documents?prefix=a_b`)
    await eventually(() => expect(idsOf(list.rows())).toEqual([`a_b${id}`]))
    await postUpdate(server, `a-b${id}/late`)
    await postUpdate(server, `a_b${id}/late`)
    await eventually(() => expect(idsOf(list.rows())).toEqual([`a_b${id}`, `a_b${id}/late`]))
  })

  test('is refused behind Electric for a prefix that Electric cannot compare', async () => {
    const upstream = createUpstream()
    const over = await serveApp({
      backend: { pool: backend.current.pool, shapes: upstream.source },
    })
    try {
      for (const prefix of ['user_1', '100%', 'a\\b']) {
        const url = `${over.url}/documents?offset=-1&prefix=${encodeURIComponent(prefix)}`
        await expectError(await fetch(url), 400, 'invalid_request')
      }
      expect(upstream.requests).toEqual([])
    } finally {
      await over.close()
    }
  })

  test('has only the documents that the hook names, whichever prefix and parameters the client sends', async () => {
    const prefix = freshDocId('shared')
    const [mine, shared, hidden] = [`${prefix}-mine`, `${prefix}-shared`, `${prefix}-hidden`]
    for (const docId of [mine, shared, hidden]) await postUpdate(server, docId)
    decide = () => ({ user: 'ada', documents: [shared, mine, 'absent', ''] })
    const attempts = [
      '',
      `prefix=${prefix}`,
      `where=true`,
      `params[1]=${hidden}`,
      `table=ydoc_update&columns=data`,
      `subset__where=true`,
      'replica=full',
      `documents=${hidden}`,
    ]
    for (const attempt of attempts) {
      const rows = await catchUp(`/documents?${attempt}`)
      expect(idsOf(rows), attempt).toEqual([mine, shared])
      expect(JSON.stringify(rows)).not.toContain('data')
    }
    expect(idsOf(await catchUp(`/documents?prefix=${mine}`))).toEqual([mine])
    const page = async (query: string) => {
      const { documents } = (await (await fetch(`${server.url}/docs${query}`)).json()) as {
        documents: { docId: string }[]
      }
      return documents.map(({ docId }) => docId)
    }
    expect(await page('')).toEqual([mine, shared])
    expect(await page(`?prefix=${mine}&deleted=true`)).toEqual([mine])

    decide = () => ({ user: 'ada', documents: [] })
    expect(await catchUp('/documents')).toEqual([])
    expect(await page('')).toEqual([])
  })

  test.each([
    ['a text', 'all'],
    ['ids that are no texts', [1]],
    ['an object', { all: true }],
  ])('is refused if the hook returns %s as documents', async (_, documents) => {
    decide = () => ({ user: 'ada', documents }) as unknown as Decision
    await expectError(await fetch(`${server.url}/documents?offset=-1`), 403, 'forbidden')
    await expectError(await fetch(`${server.url}/docs`), 403, 'forbidden')
  })

  test('fails with a message for the operator if the hook names too many documents', async () => {
    const documents = Array.from({ length: MAX_LISTED_IDS + 1 }, (_, i) => `doc-${i}`)
    decide = () => ({ user: 'ada', documents })
    await expectError(await fetch(`${server.url}/documents?offset=-1`), 500, 'internal')
    expect(String(server.errors[0])).toContain(`the most is ${MAX_LISTED_IDS}`)
    decide = () => ({ user: 'ada', documents: documents.slice(1) })
    expect(await catchUp('/documents')).toEqual([])
  })

  test.each([
    ['a stream', true],
    ['a long poll', false],
  ])(
    'starts over in %s when the hook names other documents, and shows only these',
    async (_, sse) => {
      const prefix = freshDocId('moved')
      const [one, two] = [`${prefix}-1`, `${prefix}-2`]
      for (const docId of [one, two]) await postUpdate(server, docId)
      decide = () => ({ user: 'ada', documents: [one] })
      const list = follow('/documents', sse)
      await eventually(() => expect(idsOf(list.rows())).toEqual([one]))

      decide = () => ({ user: 'ada', documents: [two] })
      // A revocation of any document below the prefix asks the hook again.
      await eventually(async () => {
        await revoke(server, { docId: one })
        expect(idsOf(list.rows())).toEqual([two])
      })
      await setTitle(one, 'Not for Ada')
      await setTitle(two, 'For Ada')
      await eventually(() => expect(list.rows()).toMatchObject([{ title: 'For Ada' }]))
      expect(JSON.stringify(list.messages)).not.toContain('Not for Ada')
    },
  )

  test('ends when the right to list is revoked', async () => {
    const refusals: unknown[] = []
    const stream = new ShapeStream({
      url: `${server.url}/documents?prefix=${freshDocId('revoked')}`,
      signal: aborter.signal,
      onError: (error) => {
        refusals.push((error as { status?: number }).status)
      },
    })
    stream.subscribe(() => {})
    await eventually(() => expect(stream.isUpToDate).toBe(true))
    decide = () => 'forbidden'
    await eventually(async () => {
      await revoke(server, { user: 'ada' })
      expect(refusals).toEqual([403])
    })
  })

  test('is kept by no cache, also on a server whose answers are public', async () => {
    const over = await serveApp({ backend: backend.current, authorize, publicCache: true })
    try {
      const { headers } = await fetch(`${over.url}/documents?offset=-1`)
      expect(headers.get('cache-control')).toMatch(/^private, no-store/)
    } finally {
      await over.close()
    }
  })
})

describe('a title', () => {
  test('creates a document, which then takes edits, and may be required to be new', async () => {
    const docId = freshDocId('titled')
    expect((await setTitle(docId, 'Minutes', true)).status).toBe(201)
    await expectError(await setTitle(docId, 'Other', true), 409, 'document_exists')
    expect((await postUpdate(server, docId)).status).toBe(201)
    const { documents } = await listDocuments(backend.current.pool, { prefix: docId })
    expect(documents).toMatchObject([{ docId, title: 'Minutes', rows: 1 }])
    expect((await setTitle(docId, null)).status).toBe(200)
    expect(await catchUp(`/documents?prefix=${docId}`)).toMatchObject([{ title: null }])
  })

  test('is refused if it is empty, too long, or not text', async () => {
    const docId = freshDocId('untitled')
    for (const title of ['', 'x'.repeat(201), 7, undefined, 'a\0b']) {
      await expectError(
        await json('PUT', `/docs/${docId}/title`, { title }),
        400,
        'invalid_request',
      )
    }
    expect(await catchUp(`/documents?prefix=${docId}`)).toEqual([])
  })

  test('is gone from the database once the document is deleted', async () => {
    const docId = freshDocId('secret')
    await setTitle(docId, 'A secret title')
    await json('DELETE', `/docs/${docId}`)
    await expectError(await setTitle(docId, 'Again'), 410, 'deleted')
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
    const list = follow(`/docs/${docId}/versions`)
    const kept = await json('POST', `/docs/${docId}/versions`, { label: 'First' })
    const { seq } = (await kept.json()) as { seq: number }
    await eventually(() => expect(list.rows()).toMatchObject([{ label: 'First' }]))
    expect(Object.keys(list.rows()[0] ?? {}).sort()).toEqual([
      'bytes',
      'created_at',
      'created_by',
      'label',
      'seq',
    ])
    await json('PATCH', `/docs/${docId}/snapshots/${seq}`, { label: 'Second' })
    await eventually(() => expect(list.rows()).toMatchObject([{ label: 'Second' }]))
    await json('PATCH', `/docs/${docId}/snapshots/${seq}`, { label: null })
    await eventually(() => expect(list.rows()).toEqual([]))
    await json('PATCH', `/docs/${docId}/snapshots/${seq}`, { label: 'Third' })
    await eventually(() => expect(list.rows()).toMatchObject([{ label: 'Third' }]))
    await json('DELETE', `/docs/${docId}`)
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
    await json('POST', `/docs/${docId}/versions`, { label: 'Older' })
    await backend.current.pool.query('DELETE FROM ydoc_version WHERE doc_id = $1', [docId])
    const path = `/docs/${docId}/versions`
    expect(await catchUp(path)).toMatchObject([{ label: 'Older' }])
    expect(await catchUp(path)).toHaveLength(1)
  })

  test('of another document are not there', async () => {
    const [docId, other] = [freshDocId('mine'), freshDocId('other')]
    for (const id of [docId, other]) {
      await postUpdate(server, id)
      await json('POST', `/docs/${id}/versions`, { label: id })
    }
    for (const attempt of ['', '?where=true', `?params[1]=${other}`, '?table=ydoc_snapshot']) {
      expect(await catchUp(`/docs/${docId}/versions${attempt}`)).toMatchObject([{ label: docId }])
    }
  })
})
