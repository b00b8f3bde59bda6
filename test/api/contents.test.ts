// Creates, lists and looks up documents over HTTP.
import { listDocuments } from '@y-electric/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { expectError, postUpdate } from '../server/api.ts'
import { RIGHT, type Sending, send } from './requests.ts'

const backend = useBackend('postgres')
let server: TestServer

beforeAll(async () => {
  server = await serveApp({ backend: backend.current })
})
afterAll(() => server.close())

const get = (docId: string, path = '') =>
  fetch(`${server.url}/docs/${encodeURIComponent(docId)}${path}`)

function right(name: string, docId: string): Sending {
  const make = RIGHT[name]
  if (make === undefined) throw new Error(`there is no request for ${name}`)
  return make({ docId, seq: 0 })
}

describe('content in a request', () => {
  const put = (docId: string, query: string, type: string, body: string) =>
    send(server.url, {
      method: 'PUT',
      path: `/docs/${docId}${query}`,
      headers: { 'content-type': type },
      body,
    })

  test('has the format of its media type, or the named one if that fits', async () => {
    const cases: [query: string, type: string, body: string, status: number][] = [
      ['', 'text/plain', 'words', 201],
      ['', 'text/html; charset=utf-8', '<p>words</p>', 201],
      ['?format=json', 'application/json', '{"default":"words"}', 201],
      ['?format=text&root=body&type=text', 'text/plain', 'words', 201],
      ['?format=html', 'text/markdown', 'words', 415],
      ['', 'application/x-www-form-urlencoded', 'words', 415],
      ['', 'application/octet-stream', 'words', 415],
      ['?format=stats', 'application/json', '{}', 400],
    ]
    for (const [query, type, body, status] of cases) {
      const response = await put(freshDocId('put'), query, type, body)
      const text = await response.text()
      expect([query, type, response.status, text]).toMatchObject([query, type, status, text])
    }
  })

  test('is stored not even in part if the server refuses it', async () => {
    const docId = freshDocId('refused')
    await expectError(
      await put(docId, '', 'application/json', '{"not json'),
      400,
      'invalid_content',
    )
    await expectError(await get(docId), 404, 'not_found')
    expect((await put(docId, '', 'text/plain', 'words')).status).toBe(201)
    await expectError(await put(docId, '', 'text/plain', 'others'), 409, 'document_exists')
  })

  test('gets an answer that lists the parts that the document cannot hold', async () => {
    const html = '<p><a href="javascript:alert(1)">go</a></p><svg></svg>'
    const losses = [
      { kind: 'address', name: 'a.href', count: 1 },
      { kind: 'node', name: 'svg', count: 1 },
    ]
    const imported = await put(freshDocId('losses'), '', 'text/html', html)
    const made = (await imported.json()) as { losses: { name: string }[] }
    expect(made.losses.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(losses)
    const whole = await put(freshDocId('whole'), '', 'text/html', '<p>all</p>')
    expect(await whole.json()).toMatchObject({ losses: [] })
    const seeding = { ...right('seedDocument', freshDocId('losses')), body: '[a]: /unused\n\nb' }
    expect(await (await send(server.url, seeding)).json()).toMatchObject({
      losses: [{ kind: 'node', name: 'definition', count: 1 }],
    })
  })

  test('is seeded once, even by many clients at once', async () => {
    const docId = freshDocId('seeded')
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => send(server.url, right('seedDocument', docId))),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 200, 200, 201])
    const seeds = (await Promise.all(answers.map((one) => one.json()))) as { seeded: boolean }[]
    expect(seeds.filter(({ seeded }) => seeded)).toHaveLength(1)
    const text = await (await get(docId, '?format=text')).text()
    expect(text.match(/Seeded/g)).toHaveLength(1)
  })
})

test('a list is read page by page, and equals the result of the function', async () => {
  const prefix = `${freshDocId('list')}/`
  const ids = ['a', 'b', 'c', 'd', 'e'].map((name) => prefix + name)
  for (const id of ids) expect((await postUpdate(server, id)).status).toBe(201)
  expect((await send(server.url, right('deleteDocument', `${prefix}c`))).status).toBe(200)

  const read = async (query: Record<string, string>) => {
    const search = new URLSearchParams({ prefix, ...query })
    const response = await fetch(`${server.url}/docs?${search}`)
    expect([response.status, response.headers.get('cache-control')]).toEqual([
      200,
      'private, no-cache',
    ])
    return (await response.json()) as { documents: { docId: string }[]; next: string | null }
  }
  const seen: string[] = []
  let after: string | null = null
  do {
    const page = await read({ limit: '2', ...(after === null ? {} : { after }) })
    seen.push(...page.documents.map(({ docId }) => docId))
    after = page.next
  } while (after !== null)
  expect(seen).toEqual(ids.filter((id) => !id.endsWith('c')))
  const all = await read({ deleted: 'true' })
  expect(all.documents.map(({ docId }) => docId)).toEqual(ids)
  expect(all).toEqual(await listDocuments(server.pool, { prefix, includeDeleted: true }))
})

test('a document that was never written has an empty state, and every other read answers 404', async () => {
  const docId = freshDocId('unknown')
  expect((await get(docId, '/state')).status).toBe(200)
  expect(await (await get(docId, '/snapshots')).json()).toEqual({ snapshots: [] })
  for (const path of ['', '/verify', '/diff?from=1', '/snapshots/1']) {
    await expectError(await get(docId, path), 404, 'not_found')
  }
  expect(server.errors).toEqual([])
})
