// The server refuses bytes that would break the document or its readers.
import { openDocument, seedDocument } from '@y-electric/documents'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServerErrorCode, versionsPath } from 'y-electric/protocol'
import * as Y from 'yjs'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { countRows, expectError, postUpdate, someUpdate } from './api.ts'

const backend = useBackend()
const MAX_STRUCTS = 50_000
let server: TestServer

beforeAll(async () => {
  server = await serveApp({ backend: backend.current, maxDocumentStructs: MAX_STRUCTS })
})
afterAll(() => server.close())

/** Encodes a number as a varuint of lib0. */
function varuint(number: number): number[] {
  const bytes: number[] = []
  let rest = number
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return [...bytes, rest]
}

const bytesOf = (...parts: readonly (readonly number[])[]) => new Uint8Array(parts.flat())

/** Encodes structs of client 1 from clock 0 on. */
const of = (...structs: readonly (readonly number[])[]) =>
  bytesOf([1], varuint(structs.length), [1, 0], structs.flat(), [0])
const gc = (length: number) => [0, ...varuint(length)]
const letter = [0x04, 1, 1, 116, 1, 97]
const letterAfter = (client: number, clock: number) => [
  0x84,
  ...varuint(client),
  ...varuint(clock),
  1,
  97,
]

/** Items of as many clients at the beginning of one list. Yjs compares each with all earlier ones. */
function competing(count: number): Uint8Array {
  const tail = varuint(count + 1)
  const others = Array.from({ length: count }, (_, i) => [
    ...[1, ...varuint(i + 1), 0, 0x44],
    ...[...tail, ...varuint(i), 1, 97],
  ])
  const text = [...varuint(count), ...Array<number>(count).fill(120)]
  return bytesOf(tail, [1, ...tail, 0, 0x04, 1, 1, 116], text, ...others, [0])
}

/** A v2 update of this many GC structs of length 1. Run-length coding keeps it small. */
function manyInV2(count: number): Uint8Array {
  const lengths = [0x41, ...varuint(count)]
  const columns = [[], [1], [], [], [0], [0], [], [], lengths]
  const coded = columns.flatMap((column) => [column.length, ...column])
  return bytesOf([0], coded, [1], varuint(count), [0, 0])
}

const PROTO = Buffer.from('010105002801016d016b017601095f5f70726f746f5f5f7402010200', 'hex')

const read = async (docId: string, format: string) => {
  const response = await fetch(`${server.url}/docs/${docId}?format=${format}`)
  expect(response.status).toBe(200)
  return response
}

const structsOf = async (table: string, docId: string): Promise<(number | null)[]> => {
  const sql = `SELECT structs FROM ${table} WHERE doc_id = $1 AND length(data) > 0 ORDER BY seq`
  const { rows } = await server.pool.query<{ structs: number | null }>(sql, [docId])
  return rows.map(({ structs }) => structs)
}

const importBody = (docId: string, format: 'update' | 'update-v2', body: Uint8Array) =>
  fetch(`${server.url}/docs/${docId}?format=${format}`, {
    method: 'PUT',
    headers: {
      'content-type': `application/vnd.yjs.update-${format === 'update' ? 'v1' : 'v2'}`,
    },
    body: body as BodyInit,
  })

describe('the server refuses an update, and stores nothing, if it', () => {
  const refused: readonly (readonly [string, Uint8Array, number, ServerErrorCode])[] = [
    ['cannot be applied to another document', PROTO, 400, 'invalid_update'],
    ['ends beyond any clock', of(gc(Number.MAX_SAFE_INTEGER)), 400, 'invalid_update'],
    ['deletes near 2^53', bytesOf([0, 1, 1, 1], varuint(2 ** 53 - 2), [1]), 400, 'invalid_update'],
    ['builds on a client of Yjs 14', of(letterAfter(2 ** 40, 1)), 400, 'unsupported_yjs'],
    ['takes seconds to put in order', competing(5_000), 413, 'update_too_complex'],
    [
      'holds more structs than a row may hold',
      of(...Array.from({ length: 100_001 }, () => gc(1))),
      413,
      'update_too_complex',
    ],
  ]
  test.each(refused)('%s', async (_name, body, status, code) => {
    const before = await countRows(server)
    const docId = freshDocId()
    await expectError(await postUpdate(server, docId, { body: body as BodyInit }), status, code)
    expect(await countRows(server)).toBe(before)
  })
})

describe('the server refuses an import if it', () => {
  const refused: readonly (readonly [
    string,
    'update' | 'update-v2',
    Uint8Array,
    number,
    ServerErrorCode,
  ])[] = [
    ['cannot be applied to another document', 'update', PROTO, 400, 'invalid_content'],
    [
      'claims 300,000 structs in few bytes',
      'update-v2',
      manyInV2(300_000),
      413,
      'document_too_large',
    ],
    ['claims any number of structs', 'update-v2', manyInV2(2 ** 40), 413, 'document_too_large'],
    ['takes seconds to put in order', 'update', competing(5_000), 413, 'document_too_large'],
  ]
  test.each(refused)('%s', async (_name, format, body, status, code) => {
    const docId = freshDocId()
    await expectError(await importBody(docId, format, body), status, code)
    expect((await postUpdate(server, docId)).status).toBe(201)
  })
})

test('a back end cannot store a value that no other document can apply, and the next edit is stored', async () => {
  const bad = JSON.parse('{"__proto__":{"a":1}}')
  const seeding = seedDocument(server.pool, freshDocId(), (doc) => doc.getMap('m').set('k', bad))
  await expect(seeding).rejects.toMatchObject({ code: 'invalid_content' })
  const opened = await openDocument(server.pool, freshDocId())
  const writing = opened.transact((doc) => doc.getMap('m').set('k', bad))
  await expect(writing).rejects.toMatchObject({ code: 'invalid_update' })
  expect(await opened.transact((doc) => doc.getMap('m').set('k', 1))).toMatchObject({
    seq: expect.any(Number),
  })
  opened.close()
})

test('half of a surrogate pair in an embed is stored as U+FFFD', async () => {
  const docId = freshDocId()
  const body = of([5, 1, 4, ...Buffer.from('text'), 18, ...Buffer.from('{"quote":"\\ud83d"}')])
  expect((await postUpdate(server, docId, { body: body as BodyInit })).status).toBe(201)
  const stored = new Uint8Array(await (await read(docId, 'update')).arrayBuffer())
  const doc = new Y.Doc()
  Y.applyUpdate(doc, stored)
  expect(doc.getText('text').toDelta()).toEqual([{ insert: { quote: '\ufffd' } }])
})

test('each row and snapshot row stores the number of its structs', async () => {
  const docId = freshDocId()
  await postUpdate(server, docId, { body: someUpdate('one') as BodyInit })
  await postUpdate(server, docId, {
    body: of(gc(1), letter, letter) as BodyInit,
  })
  expect(await structsOf('ydoc_update', docId)).toEqual([1, 3])
  const kept = await fetch(server.url + versionsPath(docId), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"label":"one"}',
  })
  expect(kept.status).toBe(201)
  expect(await structsOf('ydoc_snapshot', docId)).toEqual([expect.any(Number)])

  const copy = freshDocId()
  const copied = await fetch(`${server.url}/docs/${docId}/copy`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ to: copy }),
  })
  expect(copied.status).toBe(201)
  expect(await structsOf('ydoc_update', copy)).toEqual([expect.any(Number)])

  await server.pool.query('SELECT ydoc_append($1, gen_random_uuid(), $2)', [
    copy,
    Buffer.from(someUpdate('from SQL')),
  ])
  expect((await structsOf('ydoc_update', copy)).at(-1)).toBeNull()
  await read(copy, 'stats')
})

test('the server stores a large update of an honest client', async () => {
  const doc = new Y.Doc()
  for (let i = 0; i < 3_000; i++) doc.getMap('m').set(`key ${i}`, { i })
  const docId = freshDocId()
  const body = Y.encodeStateAsUpdate(doc) as BodyInit
  expect((await postUpdate(server, docId, { body })).status).toBe(201)
  expect(await structsOf('ydoc_update', docId)).toEqual([expect.any(Number)])
  expect(await (await read(docId, 'stats')).json()).toMatchObject({ rows: 1 })
})
