// Pictures of documents: stored and read over HTTP, in the database or in a store of the app.
import { randomBytes } from 'node:crypto'
import { copyDocument } from '@y-electric/documents'
import {
  deleteDocument,
  type FileInfo,
  type FileStore,
  type NewFile,
  verifyDeleted,
} from '@y-electric/server'
import { describe, expect, test } from 'vitest'
import { copyPath, docPath, filePath, filesPath } from 'y-electric/protocol'
import { fileIdOf, PICTURE, PICTURE_ID } from '../api/picture.ts'
import { type Api, type ApiOptions, createApi } from '../compaction/api.ts'
import { freshDocId, useBackend } from '../e2e/server.ts'
import { expectError, someUpdate } from './api.ts'

/** Larger than the parts in which a file is read. */
const LARGE_BYTES = 2_500_000

/** A PNG as far as its first bytes say, of any size. */
const pictureOf = (byteLength: number): Uint8Array =>
  Buffer.concat([PICTURE.subarray(0, 8), randomBytes(byteLength - 8)])

const store = (
  api: Api,
  docId: string,
  data: Uint8Array = PICTURE,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  api.request(filesPath(docId), {
    method: 'POST',
    body: new Uint8Array(data),
    headers: { 'content-type': 'image/png', 'content-length': `${data.byteLength}`, ...headers },
  })

const read = (api: Api, docId: string, id = PICTURE_ID): Promise<Response> =>
  api.request(filePath(docId, id))

async function bytesOf(response: Response): Promise<Uint8Array> {
  expect(response.status).toBe(200)
  return new Uint8Array(await response.arrayBuffer())
}

async function written(api: Api, name = 'pictures'): Promise<string> {
  const docId = freshDocId(name)
  expect((await api.append(docId, someUpdate())).status).toBe(201)
  return docId
}

async function expectStored(response: Response): Promise<FileInfo> {
  expect([response.status, await response.clone().text()]).toEqual([201, expect.anything()])
  return (await response.json()) as FileInfo
}

describe.each(['postgres', 'pglite'] as const)('in the database: %s', (name) => {
  const backend = useBackend(name)
  const open = (options: ApiOptions = {}) => createApi(backend.current, options)
  const countFiles = async (docId: string): Promise<number> => {
    const { rows } = await backend.current.pool.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM ydoc_file WHERE doc_id = $1',
      [docId],
    )
    return rows[0]?.count ?? -1
  }

  test('a document stores the same picture once, and another document stores its own', async () => {
    const api = open()
    const [one, other] = [await written(api), await written(api)]
    const info = {
      id: PICTURE_ID,
      url: `/docs/${one}/files/${PICTURE_ID}`,
      byteLength: PICTURE.byteLength,
      contentType: 'image/png',
    }
    expect(await expectStored(await store(api, one))).toEqual(info)
    const again = await store(api, one)
    expect([again.status, await again.json()]).toEqual([200, info])
    await expectError(await read(api, other), 404, 'not_found')
    await expectStored(await store(api, other))
    expect([await countFiles(one), await countFiles(other)]).toEqual([1, 1])
    expect(await bytesOf(await read(api, one))).toEqual(new Uint8Array(PICTURE))
  })

  test('a picture that is larger than a part is read whole, also by two readers at once', async () => {
    const api = open()
    const docId = await written(api)
    const large = pictureOf(LARGE_BYTES)
    const { id } = await expectStored(await store(api, docId, large))
    expect(id).toBe(fileIdOf(large))
    const answers = await Promise.all([read(api, docId, id), read(api, docId, id)])
    for (const answer of answers) {
      expect(Buffer.compare(await bytesOf(answer), large)).toBe(0)
    }
  })

  test('of the same picture sent at once, one request stores it', async () => {
    const api = open()
    const docId = await written(api)
    const answers = await Promise.all(Array.from({ length: 5 }, () => store(api, docId)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201])
    expect(await countFiles(docId)).toBe(1)
  })

  test('the files of a document have a limit together, which requests at once do not exceed', async () => {
    const api = open({ maxDocumentFileBytes: 2_500 })
    const docId = await written(api)
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => store(api, docId, pictureOf(1_000))),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 507, 507])
    const refused = answers.find(({ status }) => status === 507)
    expect(await refused?.json()).toMatchObject({
      error: { code: 'quota_exceeded', message: expect.stringContaining('maxDocumentFileBytes') },
    })
    expect(await countFiles(docId)).toBe(2)
  })

  test('a picture counts as stored bytes of its document, also when they are measured again', async () => {
    const api = open({ maxDocumentBytes: 1_500 })
    const docId = await written(api)
    await expectStored(await store(api, docId, pictureOf(1_000)))
    await expectError(await store(api, docId, pictureOf(1_000)), 507, 'quota_exceeded')
    const measuring = open({ maxDocumentBytes: 1_500 })
    await expectError(await store(measuring, docId, pictureOf(1_000)), 507, 'quota_exceeded')
    expect(await countFiles(docId)).toBe(1)
  })

  test('a deletion removes the pictures, and none is stored afterwards', async () => {
    const api = open()
    const docId = await written(api)
    await expectStored(await store(api, docId))
    expect((await deleteDocument(api.pool, docId)).removed.ydoc_file).toBe(1)
    expect(await verifyDeleted(api.pool, docId)).toMatchObject({ gone: true })
    await expectError(await read(api, docId), 410, 'deleted')
    await expectError(await store(api, docId, pictureOf(100)), 410, 'deleted')
    expect(await countFiles(docId)).toBe(0)
  })

  test('a copy has the pictures, and keeps them when the original is deleted', async () => {
    const api = open()
    const docId = await written(api)
    await expectStored(await store(api, docId))
    const [byRoute, byFunction] = [freshDocId('copy'), freshDocId('copy')]
    const body = JSON.stringify({ to: byRoute })
    expect((await api.post(copyPath(docId), body, 'application/json')).status).toBe(201)
    await copyDocument(api.pool, docId, byFunction)
    await deleteDocument(api.pool, docId)
    for (const copy of [byRoute, byFunction]) {
      expect(await bytesOf(await read(api, copy))).toEqual(new Uint8Array(PICTURE))
    }
  })
})

describe('over HTTP', () => {
  const backend = useBackend()
  const open = (options: ApiOptions = {}) => createApi(backend.current, options)

  test('a picture is shown and runs nothing, and only the browser that asked keeps it', async () => {
    const api = open()
    const docId = await written(api)
    await expectStored(await store(api, docId))
    const headers = {
      'content-type': 'image/png',
      'content-length': `${PICTURE.byteLength}`,
      'content-disposition': 'inline',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, max-age=31536000, immutable',
    }
    for (const method of ['GET', 'HEAD']) {
      const answer = await api.request(filePath(docId, PICTURE_ID), { method })
      expect(Object.fromEntries(answer.headers)).toMatchObject(headers)
      expect((await bytesOf(answer)).byteLength).toBe(method === 'GET' ? PICTURE.byteLength : 0)
    }
  })

  test('a file that is not what its content type says is refused, and nothing is stored', async () => {
    const api = open()
    const docId = await written(api)
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')
    const asJpeg = { 'content-type': 'image/jpeg' }
    await expectError(await store(api, docId, svg), 400, 'invalid_file')
    await expectError(await store(api, docId, PICTURE, asJpeg), 400, 'invalid_file')
    await expectError(await store(api, docId, new Uint8Array()), 400, 'invalid_file')
    for (const type of ['image/svg+xml', 'text/html', 'application/pdf']) {
      const answer = await store(api, docId, svg, { 'content-type': type })
      await expectError(answer, 415, 'unsupported_media_type')
    }
    const { rows } = await api.pool.query('SELECT FROM ydoc_file WHERE doc_id = $1', [docId])
    expect(rows).toHaveLength(0)
  })

  test('a file of a type that is not allowed, and one that is too large, are refused', async () => {
    const api = open({ fileTypes: ['image/jpeg'], maxFileBytes: 100 })
    const docId = await written(api)
    await expectError(await store(api, docId), 415, 'unsupported_media_type')
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(98)])
    const asJpeg = { 'content-type': 'image/jpeg' }
    await expectError(await store(api, docId, jpeg, asJpeg), 413, 'file_too_large')
    const fitting = await expectStored(await store(api, docId, jpeg.subarray(0, 100), asJpeg))
    expect(fitting.contentType).toBe('image/jpeg')
    expect(() => open({ fileTypes: ['image/svg+xml' as 'image/png'] })).toThrow(/fileTypes/)
  })

  test('a document that was never written has no files, and a wrong id names none', async () => {
    const api = open()
    await expectError(await store(api, freshDocId('absent')), 404, 'not_found')
    const docId = await written(api)
    for (const id of ['x', 'A'.repeat(64), `${PICTURE_ID}0`, '%00', '..%2f..', 'f'.repeat(64)]) {
      const answer = await api.request(`${filesPath(docId)}/${id}`)
      await expectError(answer, 404, 'not_found')
    }
  })

  test('a row with a type that runs scripts is not answered', async () => {
    const api = open()
    const docId = await written(api)
    await api.pool.query(
      `INSERT INTO ydoc_file (doc_id, file_id, content_type, data) VALUES ($1, $2, 'text/html', 'x')`,
      [docId, PICTURE_ID],
    )
    await expectError(await read(api, docId), 404, 'not_found')
  })

  test('a server without files answers 404, and its documents are copied and deleted', async () => {
    const api = open({ files: false })
    const docId = await written(api)
    await expectError(await store(api, docId), 404, 'not_found')
    await expectError(await read(api, docId), 404, 'not_found')
    const body = JSON.stringify({ to: freshDocId('copy') })
    expect((await api.post(copyPath(docId), body, 'application/json')).status).toBe(201)
    expect((await api.request(docPath(docId), { method: 'DELETE' })).status).toBe(200)
  })
})

/** An object store of an app, as far as the interface says. */
class ObjectStore implements FileStore {
  readonly objects = new Map<string, NewFile>()
  isDown = false
  /** Called before an object is stored. */
  beforePut = async (): Promise<void> => {}

  async put(docId: string, file: NewFile) {
    await this.beforePut()
    const isKnown = this.objects.has(`${docId}/${file.id}`)
    this.objects.set(`${docId}/${file.id}`, file)
    return isKnown ? ('known' as const) : ('stored' as const)
  }

  async get(docId: string, id: string) {
    const file = this.objects.get(`${docId}/${id}`)
    if (file === undefined) return null
    const { contentType, data } = file
    return { contentType, byteLength: data.byteLength, pieces: partsOf(data) }
  }

  async deleteAll(docId: string) {
    if (this.isDown) throw new Error('the object store is down')
    for (const key of this.objects.keys()) {
      if (key.startsWith(`${docId}/`)) this.objects.delete(key)
    }
  }

  async copyAll(from: string, to: string) {
    for (const [key, file] of this.objects) {
      if (key.startsWith(`${from}/`)) this.objects.set(`${to}/${file.id}`, file)
    }
  }
}

async function* partsOf(data: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.byteLength; at += 50) yield data.subarray(at, at + 50)
}

describe('in a store of the app', () => {
  const backend = useBackend()
  const open = () => {
    const files = new ObjectStore()
    return { files, api: createApi(backend.current, { files, onError: () => {} }) }
  }
  const remove = (api: Api, docId: string) => api.request(docPath(docId), { method: 'DELETE' })

  test('files are stored, read, copied and deleted through the same routes', async () => {
    const { api, files } = open()
    const [docId, copy] = [await written(api), freshDocId('copy')]
    await expectStored(await store(api, docId))
    expect((await store(api, docId)).status).toBe(200)
    const body = JSON.stringify({ to: copy })
    expect((await api.post(copyPath(docId), body, 'application/json')).status).toBe(201)
    expect((await remove(api, docId)).status).toBe(200)
    expect([...files.objects.keys()]).toEqual([`${copy}/${PICTURE_ID}`])
    expect(await bytesOf(await read(api, copy))).toEqual(new Uint8Array(PICTURE))
    const { rows } = await api.pool.query('SELECT FROM ydoc_file WHERE doc_id = $1', [copy])
    expect(rows).toHaveLength(0)
  })

  test('a deletion that failed there is repeated by the next request to delete', async () => {
    const { api, files } = open()
    const docId = await written(api)
    await expectStored(await store(api, docId))
    files.isDown = true
    await expectError(await remove(api, docId), 500, 'internal')
    await expectError(await read(api, docId), 410, 'deleted')
    files.isDown = false
    await expectError(await remove(api, docId), 410, 'deleted')
    expect(files.objects.size).toBe(0)
  })

  test('a document that is deleted while a file is stored keeps no file', async () => {
    const { api, files } = open()
    const docId = await written(api)
    files.beforePut = async () => {
      await remove(api, docId)
    }
    await expectError(await store(api, docId), 410, 'deleted')
    expect(files.objects.size).toBe(0)
  })
})
