// The list of stored update rows without their bytes: an inspector reads from it when rows were stored.
import { listUpdates, type UpdateList } from '@y-electric/server'
import { expect, test } from 'vitest'
import { updatesPath } from 'y-electric/protocol'
import { type Api, createApi } from '../compaction/api.ts'
import { freshDocId, useBackend } from '../e2e/server.ts'
import { append, fold, recorded } from '../inspect/stored.ts'

const backend = useBackend()

async function page(api: Api, docId: string, query = ''): Promise<UpdateList> {
  const response = await api.request(updatesPath(docId) + query)
  expect(response.status).toBe(200)
  return (await response.json()) as UpdateList
}

/** A document with this many update rows. @returns their bytes and seqs */
async function written(docId: string, count: number) {
  const { doc, updates } = recorded()
  for (let i = 0; i < count; i++) doc.getText('text').insert(0, 'x'.repeat(i + 1))
  return { updates, seqs: await append(backend.current.pool, docId, ...updates) }
}

test('each row has its seq, segment, size and the time of the database; a page ends where the next begins', async () => {
  const [api, docId] = [createApi(backend.current), freshDocId()]
  const { pool } = backend.current
  const clock = async () => {
    const { rows } = await pool.query<{ now: Date }>('SELECT clock_timestamp() AS now')
    return rows[0]?.now.toISOString() ?? ''
  }
  expect(await page(api, docId)).toEqual({ updates: [], next: null })
  const before = await clock()
  const { updates, seqs } = await written(docId, 3)
  const after = await clock()

  const first = await page(api, docId, '?limit=2')
  expect(first.updates.map(({ seq, segment, bytes }) => [seq, segment, bytes])).toEqual(
    [0, 1].map((index) => [seqs[index], 0, updates[index]?.byteLength]),
  )
  expect(first.next).toBe(seqs[1])
  const last = await page(api, docId, `?limit=2&after=${first.next}`)
  expect(last.updates.map(({ seq }) => seq)).toEqual(seqs.slice(2))
  expect(last.next).toBeNull()
  const times = [...first.updates, ...last.updates].map(({ storedAt }) => storedAt)
  expect([before, ...times, after]).toEqual([before, ...times, after].sort())
})

test('seals and folded rows are not in the list', async () => {
  const [{ pool }, docId] = [backend.current, freshDocId()]
  const { updates } = await written(docId, 2)
  await fold(pool, docId)
  expect((await listUpdates(pool, docId)).updates).toEqual([])
  const seqs = await append(pool, docId, ...updates)
  const { updates: listed } = await listUpdates(pool, docId)
  expect(listed.map(({ seq, segment }) => [seq, segment])).toEqual(seqs.map((seq) => [seq, 1]))
})

test('a page has from 1 to 10,000 rows', async () => {
  const [api, docId] = [createApi(backend.current), freshDocId()]
  for (const limit of ['0', '10001', '-1', '1.5', 'many']) {
    const response = await api.request(`${updatesPath(docId)}?limit=${limit}`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_request' } })
  }
  await expect(listUpdates(backend.current.pool, docId, { limit: 0 })).rejects.toMatchObject({
    code: 'invalid_request',
  })
})
