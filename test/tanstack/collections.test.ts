// `y-electric/tanstack-db` with TanStack DB and Electric's collection, on a real server over PGlite.
import { createLiveQueryCollection } from '@tanstack/db'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ElectricProviderError } from 'y-electric'
import {
  type DocumentsOptions,
  documentsCollection,
  newDocument,
  newVersion,
  versionsCollection,
} from 'y-electric/tanstack-db'
import { eventually } from '../e2e/eventually.ts'
import { electricOr, freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { postUpdate } from '../server/api.ts'

const backend = useBackend(electricOr('pglite'))
let server: TestServer
let isOnline: boolean
let prefix: string
let mayWrite: boolean
let mayList: boolean
let cleanups: (() => Promise<void>)[]

beforeEach(async () => {
  mayWrite = true
  mayList = true
  cleanups = []
  isOnline = true
  prefix = freshDocId('list')
  server = await serveApp({
    backend: backend.current,
    authorize: ({ action, request }) => {
      if (request.headers.get('authorization') !== 'Bearer fresh') return 'unauthenticated'
      if (action === 'list') return mayList ? { user: 'ada' } : 'forbidden'
      return mayWrite || action === 'read' ? { user: 'ada' } : 'forbidden'
    },
  })
})
afterEach(async () => {
  for (const cleanup of cleanups) await cleanup()
  await server.close()
})

const options = (): DocumentsOptions => ({
  url: server.url,
  headers: { authorization: 'Bearer fresh' },
  fetch: async (...request) => {
    if (!isOnline) throw new TypeError('the test is offline')
    return fetch(...request)
  },
})

/** The members of a row, without those that TanStack DB adds for its own collection. */
const stored = (row: object = {}): object =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('$')))

async function openDocuments(more: Partial<DocumentsOptions> = {}) {
  const documents = documentsCollection({ ...options(), prefix, ...more })
  cleanups.push(() => documents.cleanup())
  await documents.preload()
  return documents
}

async function openVersions(docId: string) {
  const versions = versionsCollection({ ...options(), docId })
  cleanups.push(() => versions.cleanup())
  await versions.preload()
  return versions
}

describe('the collection of documents', () => {
  test('shows a new document at once, and everybody else gets it', async () => {
    const [mine, theirs] = [await openDocuments(), await openDocuments()]
    const docId = `${prefix}-1`
    const creation = mine.insert(newDocument('Plan', docId))
    expect(mine.get(docId)).toMatchObject({ docId, title: 'Plan', keepHistory: false })
    await creation.isPersisted.promise
    // The row is now that of the server, with its own time.
    await eventually(() => expect(theirs.get(docId)).toMatchObject(stored(mine.get(docId))))
    expect(theirs.get(docId)).toMatchObject({ docId, title: 'Plan', keepHistory: false })
    expect(Date.parse(theirs.get(docId)?.createdAt ?? '')).toBeGreaterThan(Date.now() - 600_000)
  })

  test('renames and deletes for everybody', async () => {
    const [mine, theirs] = [await openDocuments(), await openDocuments()]
    const docId = `${prefix}-1`
    await mine.insert(newDocument('Plan', docId)).isPersisted.promise
    const titles = createLiveQueryCollection({
      startSync: true,
      query: (q) =>
        q.from({ row: theirs }).select(({ row }) => ({ docId: row.docId, title: row.title })),
    })
    const shown = () => titles.toArray.map(({ title }) => title)
    await eventually(() => expect(shown()).toEqual(['Plan']))
    for (const title of ['The plan', 'Plan', 'The plan']) {
      const renaming = mine.update(docId, (row) => {
        row.title = title
      })
      expect(mine.get(docId)?.title).toBe(title)
      await renaming.isPersisted.promise
      // The message has arrived, so that the old title does not come back in between.
      expect(mine.get(docId)?.title).toBe(title)
    }
    await eventually(() => expect(shown()).toEqual(['The plan']))

    const deletion = mine.delete(docId)
    expect(mine.has(docId)).toBe(false)
    await deletion.isPersisted.promise
    expect(mine.has(docId)).toBe(false)
    await eventually(() => expect(shown()).toEqual([]))
    await expect(
      mine.insert(newDocument('Again', docId)).isPersisted.promise,
    ).rejects.toMatchObject({ code: 'deleted' })
    await titles.cleanup()
  })

  test('shows documents that others create by writing, and no others', async () => {
    const documents = await openDocuments()
    const headers = { authorization: 'Bearer fresh' }
    await postUpdate(server, freshDocId('elsewhere'), { headers })
    await postUpdate(server, `${prefix}-typed`, { headers })
    await eventually(() => expect(documents.toArray).toMatchObject([{ docId: `${prefix}-typed` }]))
  })

  test('returns to what it was when the server refuses, with the code of the refusal', async () => {
    const documents = await openDocuments()
    const docId = `${prefix}-1`
    await documents.insert(newDocument('Plan', docId)).isPersisted.promise
    const fails = async (transaction: { isPersisted: { promise: Promise<unknown> } }) => {
      const error = await transaction.isPersisted.promise.catch((reason: unknown) => reason)
      return (error as ElectricProviderError).code
    }
    mayWrite = false
    const renaming = documents.update(docId, (row) => {
      row.title = 'Mine'
    })
    expect(documents.get(docId)?.title).toBe('Mine')
    expect(await fails(renaming)).toBe('forbidden')
    expect(documents.get(docId)?.title).toBe('Plan')
    expect(await fails(documents.delete(docId))).toBe('forbidden')
    expect(documents.has(docId)).toBe(true)
    expect(await fails(documents.insert(newDocument('New', `${prefix}-2`)))).toBe('forbidden')
    expect(documents.toArray).toHaveLength(1)

    mayWrite = true
    const other = await openDocuments({ prefix: `${prefix}-1-none` })
    expect(await fails(other.insert(newDocument('Taken', docId)))).toBe('document_exists')
    expect(await fails(other.insert(newDocument('Bad', 'a\nb')))).toBe('invalid_doc_id')
    expect(other.toArray).toEqual([])
    const changing = documents.update(docId, (row) => {
      row.keepHistory = true
    })
    expect(await fails(changing)).toBe('invalid_request')
    isOnline = false
    const offline = documents.update(docId, (row) => {
      row.title = 'Offline'
    })
    expect(await fails(offline)).toBe('network')
    expect(documents.get(docId)?.title).toBe('Plan')
  })

  test('asks for fresh credentials when the server refuses the old ones', async () => {
    const tokens = ['old', 'fresh']
    const documents = await openDocuments({
      headers: () => ({ authorization: `Bearer ${tokens.length > 1 ? tokens.shift() : 'fresh'}` }),
    })
    await documents.insert(newDocument('Plan', `${prefix}-1`)).isPersisted.promise
    expect(documents.toArray).toMatchObject([{ title: 'Plan' }])
  })

  test('reports that the user may not list, with the code of the server', async () => {
    mayList = false
    const errors: ElectricProviderError[] = []
    const documents = documentsCollection({
      ...options(),
      startSync: true,
      onError: (error) => void errors.push(error),
    })
    cleanups.push(() => documents.cleanup())
    await eventually(() => expect(errors).toMatchObject([{ code: 'forbidden', status: 403 }]))
    mayList = true
    await documents.cleanup()
    await documents.preload()
    expect(documents.status).toBe('ready')
  })
})

describe('the collection of versions', () => {
  test('keeps, renames and removes versions for everybody', async () => {
    const docId = `${prefix}-1`
    await postUpdate(server, docId, { headers: { authorization: 'Bearer fresh' } })
    const [mine, theirs] = [await openVersions(docId), await openVersions(docId)]
    const keeping = mine.insert(newVersion('First'))
    expect(mine.toArray).toMatchObject([{ label: 'First', bytes: 0 }])
    expect(mine.toArray[0]?.seq).toBeLessThan(0)
    await keeping.isPersisted.promise
    expect(mine.toArray).toMatchObject([{ label: 'First', createdBy: 'ada' }])
    const { seq = 0, bytes } = mine.toArray[0] ?? {}
    expect(seq).toBeGreaterThan(0)
    expect(bytes).toBeGreaterThan(0)
    await eventually(() => expect(theirs.get(seq)).toMatchObject(stored(mine.get(seq))))

    await mine.update(seq, (row) => {
      row.label = 'Final'
    }).isPersisted.promise
    await eventually(() => expect(theirs.get(seq)?.label).toBe('Final'))
    await theirs.delete(seq).isPersisted.promise
    await eventually(() => expect(mine.toArray).toEqual([]))
  })

  test('returns to what it was when the server refuses', async () => {
    const docId = `${prefix}-1`
    await postUpdate(server, docId, { headers: { authorization: 'Bearer fresh' } })
    const versions = await openVersions(docId)
    mayWrite = false
    const keeping = versions.insert(newVersion('First'))
    await expect(keeping.isPersisted.promise).rejects.toMatchObject({ code: 'forbidden' })
    expect(versions.toArray).toEqual([])
  })
})
