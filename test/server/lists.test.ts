// The list of documents that clients follow, in Electric's protocol: a user receives no row that the hook did not allow.
import { ShapeStream } from '@electric-sql/client'
import { type Authorize, type Decision, MAX_LISTED_IDS } from '@y-electric/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import {
  electricOr,
  freshDocId,
  roll,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { expectError, postUpdate } from './api.ts'
import { type Lists, listsOf } from './lists.ts'
import { revoke, SECRET } from './revoking.ts'
import { createUpstream } from './upstream.ts'

const isElectric = electricOr('postgres') === 'electric'
const backend = useBackend(electricOr('postgres'))
let server: TestServer
let lists: Lists
let decide: (prefix: string) => Decision
let aborter: AbortController

const authorize: Authorize = ({ action, docId }) => (action === 'list' ? decide(docId) : 'allow')

beforeEach(async () => {
  decide = () => ({ user: 'ada' })
  aborter = new AbortController()
  server = await serveApp({
    backend: {
      pool: backend.current.pool,
      shapes: { ...backend.current.shapes, seesCommits: !isElectric },
    },
    authorize,
    revoke: SECRET,
    reauthorizeMs: 3_600_000,
  })
  lists = listsOf(server)
})
afterEach(async () => {
  aborter.abort()
  await server.close()
})

const idsOf = (rows: readonly Readonly<Record<string, unknown>>[]): unknown[] =>
  rows.map(({ doc_id }) => doc_id).sort()

describe('the list of documents', () => {
  test('follows creation, renaming and deletion, and sends nothing while somebody types', async () => {
    const prefix = freshDocId('typed')
    const [first, second] = [`${prefix}/1`, `${prefix}/2`].map(encodeURIComponent) as [
      string,
      string,
    ]
    expect((await lists.setTitle(first, 'Plan')).status).toBe(201)
    const list = lists.follow(`/documents?prefix=${prefix}`, aborter.signal)
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
    await lists.setTitle(first, 'Plan')
    expect((await lists.setTitle(first, 'The plan')).status).toBe(200)
    await postUpdate(server, `${prefix}/2`)
    await eventually(() => expect(list.rows()).toHaveLength(2))
    expect(list.messages.slice(length)).toMatchObject([
      { headers: { operation: 'update' }, value: { title: 'The plan' } },
      { headers: { operation: 'insert' }, value: { doc_id: `${prefix}/2`, title: null } },
    ])

    await lists.json('DELETE', `/docs/${second}`)
    await eventually(() => expect(idsOf(list.rows())).toEqual([`${prefix}/1`]))
  })

  test.skipIf(isElectric)(
    'has only the documents below the prefix, even if the prefix has wildcards of LIKE',
    async () => {
      const id = freshDocId('')
      for (const docId of [`a_b${id}`, `a-b${id}`, `a%b${id}`, `a\\b${id}`, `A_b${id}`]) {
        await postUpdate(server, docId)
      }
      const below = async (prefix: string) =>
        idsOf(await lists.catchUp(`/documents?prefix=${encodeURIComponent(prefix)}`))
      expect(await below(`a_b${id}`)).toEqual([`a_b${id}`])
      expect(await below(`a%b${id}`)).toEqual([`a%b${id}`])
      expect(await below(`a\\b${id}`)).toEqual([`a\\b${id}`])
      const list = lists.follow(`/documents?prefix=a_b`, aborter.signal)
      await eventually(() => expect(idsOf(list.rows())).toEqual([`a_b${id}`]))
      await postUpdate(server, `a-b${id}/late`)
      await postUpdate(server, `a_b${id}/late`)
      await eventually(() => expect(idsOf(list.rows())).toEqual([`a_b${id}`, `a_b${id}/late`]))
    },
  )

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

  test('fails with a message for the operator if the ids are too long for a request to Electric', async () => {
    const documents = Array.from({ length: 50 }, (_, i) => `${i}-${'x'.repeat(190)}`)
    const upstream = createUpstream()
    const over = await serveApp({
      backend: { pool: backend.current.pool, shapes: upstream.source },
      authorize: () => ({ user: 'ada', documents }),
    })
    try {
      await expectError(await fetch(`${over.url}/documents?offset=-1`), 500, 'internal')
      expect(String(over.errors[0])).toContain('the most for Electric is')
      expect(upstream.requests).toEqual([])
    } finally {
      await over.close()
    }
    if (isElectric) return
    decide = () => ({ user: 'ada', documents })
    expect(await lists.catchUp('/documents')).toEqual([])
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
      const rows = await lists.catchUp(`/documents?${attempt}`)
      expect(idsOf(rows), attempt).toEqual([mine, shared])
      expect(JSON.stringify(rows)).not.toContain('data')
    }
    expect(idsOf(await lists.catchUp(`/documents?prefix=${mine}`))).toEqual([mine])
    const page = async (query: string) => {
      const { documents } = (await (await fetch(`${server.url}/docs${query}`)).json()) as {
        documents: { docId: string }[]
      }
      return documents.map(({ docId }) => docId)
    }
    expect(await page('')).toEqual([mine, shared])
    expect(await page(`?prefix=${mine}&deleted=true`)).toEqual([mine])

    decide = () => ({ user: 'ada', documents: [] })
    expect(await lists.catchUp('/documents')).toEqual([])
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
    expect(await lists.catchUp('/documents')).toEqual([])
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
      const list = lists.follow('/documents', aborter.signal, sse)
      await eventually(() => expect(idsOf(list.rows())).toEqual([one]))

      decide = () => ({ user: 'ada', documents: [two] })
      // A revocation of any document below the prefix asks the hook again.
      await eventually(async () => {
        await revoke(server, { docId: one })
        expect(idsOf(list.rows())).toEqual([two])
      })
      await lists.setTitle(one, 'Not for Ada')
      await lists.setTitle(two, 'For Ada')
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
