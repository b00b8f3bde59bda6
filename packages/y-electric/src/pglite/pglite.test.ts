// pglite() on a real PGlite, whose files are copied from those of the run. Deep, because it starts a database:
// Y_ELECTRIC_DEEP=1 npx vitest run --project unit packages/y-electric/src/pglite
import { cp, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { type LiveNamespace, live } from '@electric-sql/pglite/live'
import { afterAll, test as anyTest, beforeAll, describe, expect, inject } from 'vitest'
import * as Y from 'yjs'
import { isDeep } from '../../../../test/harness/deep.ts'
import { systemClock } from '../io/clock.ts'
import type { DeviceStoreChange } from '../persistence/device-store.ts'
import type { OwnerLocks } from '../persistence/owner.ts'
import { storeTests } from '../store-tests/index.ts'
import { keepContent, type PgliteDatabase, pglite } from './index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A data folder of PGlite to copy, from the global set-up of the unit tests. */
    pgliteTemplate: string
  }
}

const test = anyTest.runIf(isDeep)
/** Limits only a start that hangs. */
const START_MS = 1_800_000

let folder: string
let database: PGlite & { readonly live: LiveNamespace }
beforeAll(async () => {
  if (!isDeep) return
  folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-pglite-store-'))
  await cp(path.join(inject('pgliteTemplate'), 'pglite'), folder, { recursive: true })
  database = await PGlite.create({ dataDir: folder, extensions: { live } })
}, START_MS)
afterAll(async () => {
  if (!isDeep) return
  await database.close()
  await rm(folder, { recursive: true, force: true })
})

/** The Web Locks of one browser, which Node 20 does not have. Nobody waits for a lock in these tests. */
function createLocks(): OwnerLocks {
  const held = new Set<string>()
  return {
    request: async (name: string, run: (lock: null) => unknown) => {
      held.add(name)
      await run(null)
      held.delete(name)
    },
    query: async () => ({ held: [...held].map((name) => ({ name })) }),
  } as unknown as OwnerLocks
}

const browser = () => {
  const locks = createLocks()
  return { platform: { clock: systemClock, locks: () => locks } }
}

let documents = 0
const freshKey = () => `https://example.test/api/${++documents}`
const change = (given: Partial<DeviceStoreChange>): DeviceStoreChange => ({
  updates: [],
  edits: [],
  settled: [],
  ...given,
})
const edit = (batchId: string) => ({ batchId, update: Y.encodeStateAsUpdate(new Y.Doc()) })

describe('pglite() meets the requirements of a store:', () => {
  test.each(Object.entries(storeTests))('%s', async (_name, run) => {
    const persistence = pglite(database, browser())
    const key = freshKey()
    await run(() => persistence.open(key, () => {}))
  })
})

test('without Web Locks a page adopts the edits of every other page, under new ids', async () => {
  const persistence = pglite(database, { platform: { clock: systemClock, locks: () => null } })
  const key = freshKey()
  const [ada, bob] = [await persistence.open(key, () => {}), await persistence.open(key, () => {})]
  await ada.commit(change({ edits: [edit('x'), edit('x'), edit('y')] }))
  const { batches } = await bob.load()
  expect(batches).toHaveLength(2)
  for (const { batchId } of batches) expect(batchId).toMatch(/^[0-9a-f-]{36}$/)
  expect(await bob.takeOver()).toEqual({ batches: [], ofOthers: [] })
})

test('a commit and a load whose answers are lost are asked again, and nothing is stored twice', async () => {
  const { losing, lost } = losingEveryFirst(database)
  const options = browser()
  const key = freshKey()
  const dead = await pglite(database, options).open(key, () => {})
  await dead.commit(change({ edits: [edit('left')] }))
  await dead.close()

  const store = await pglite(losing, options).open(key, () => {})
  await store.load()
  await store.commit(change({ updates: [new Uint8Array([1])], edits: [edit('own')] }))
  await store.commit(change({ updates: [new Uint8Array([2])] }))
  await store.commit(change({ whole: new Uint8Array([3]) }))
  await store.close()
  const { updates, batches } = await (await pglite(database, options).open(key, () => {})).load()
  expect(updates).toEqual([new Uint8Array([3])])
  expect(batches.map(({ batchId }) => batchId)).toEqual(['left', 'own'])
  expect(lost()).toBe(4)
})

/** Does everything, and loses the first answer to each load and commit, as when the tab that runs the database closes. */
function losingEveryFirst(inner: PgliteDatabase) {
  const asked = new Set<string>()
  const losing: PgliteDatabase = {
    exec: (sql) => inner.exec(sql),
    async query<Row>(sql: string, params?: unknown[]) {
      const answer = await inner.query<Row>(sql, params)
      // A page loads once, and numbers its commits.
      const [, , number] = params ?? []
      const name = typeof number === 'number' ? `commit ${number}` : sql
      if (!/^\s*WITH/.test(sql) || asked.has(name)) return answer
      asked.add(name)
      throw new Error('Leader changed, pending operation in indeterminate state')
    },
  }
  return { losing, lost: () => asked.size }
}

test('a database that newer code has written is refused, and later documents look again', async () => {
  const persistence = pglite(database, browser())
  const newer: PgliteDatabase = {
    exec: (sql) => database.exec(sql),
    query: async <Row>() => ({ rows: [{ version: 2 }] as Row[] }),
  }
  await expect(pglite(newer, browser()).open('k', () => {})).rejects.toThrow(/version 2.*needs 1/)
  await (await persistence.open(freshKey(), () => {})).close()
})

test('a live query of the app sees which documents have unsent edits, and their content', async () => {
  const key = 'https://example.test/api/letter'
  const seen: unknown[][] = []
  const changed = { resolve: () => {} }
  const query = await database.live.query(
    `SELECT d.content->>'title' AS title, count(e.id)::int AS unsent
     FROM y_electric.documents d LEFT JOIN y_electric.edits e USING (key)
     WHERE key LIKE '%/letter' GROUP BY d.key`,
    [],
    ({ rows }) => {
      seen.push(rows)
      changed.resolve()
    },
  )
  const until = async (rows: unknown[]) => {
    while (JSON.stringify(seen.at(-1)) !== JSON.stringify(rows)) {
      await new Promise<void>((resolve) => {
        changed.resolve = resolve
      })
    }
  }
  await until([])
  const store = await pglite(database, browser()).open(key, () => {})
  await store.commit(change({ edits: [edit('x')] }))
  await until([{ title: null, unsent: 1 }])

  const doc = new Y.Doc()
  const about = { url: 'https://example.test/api', docId: 'letter', doc }
  const stop = keepContent(database, about, () => ({ title: doc.getText('title').toString() }))
  doc.getText('title').insert(0, 'Dear Bob')
  await until([{ title: 'Dear Bob', unsent: 1 }])
  await store.commit(change({ settled: ['x'] }))
  await until([{ title: 'Dear Bob', unsent: 0 }])
  doc.getText('title').insert(8, ' and Eve')
  await stop()
  doc.getText('title').insert(0, 'Not kept: ')
  await until([{ title: 'Dear Bob and Eve', unsent: 0 }])
  await query.unsubscribe()
  await store.close()
})

test('content that cannot be read is reported, and the next change is kept', async () => {
  const doc = new Y.Doc()
  const errors: unknown[] = []
  const about = { url: 'https://example.test/api', docId: 'broken', doc }
  const read = () => {
    if (doc.getMap('m').size === 1) throw new Error('no title')
    return doc.getMap('m').toJSON()
  }
  const first = keepContent(database, about, read, { onError: (error) => errors.push(error) })
  doc.getMap('m').set('a', 1)
  await first()
  expect(errors).toEqual([new Error('no title')])
  const second = keepContent(database, about, read)
  doc.getMap('m').set('b', 2)
  await second()
  const { rows } = await database.query(
    `SELECT content FROM y_electric.documents WHERE key LIKE '%/broken'`,
  )
  expect(rows).toEqual([{ content: { a: 1, b: 2 } }])
})
