// Compares the double with Postgres: the same calls of the server's store give the same answers on the
// double, on PGlite and on native Postgres.
import { migrate } from '@y-electric/server'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeFold } from 'y-electric/protocol'
import * as Y from 'yjs'
import { openTestDatabase } from '../../harness/database.ts'
import {
  AppendQueue,
  appendUpdate,
  appendUpdates,
  DEFAULT_LIMITS,
  deleteAwareness,
  deleteRows,
  documentExists,
  foldSegments,
  hasBatch,
  listSnapshots,
  measureDocument,
  PresenceQueue,
  presencePieces,
  putPresence,
  readSegments,
  readState,
  rollDue,
  rollSegment,
} from '../adapters/store.ts'
import { DatabaseDouble } from './database.ts'
import { PoolDouble } from './pool.ts'

interface Subject {
  readonly pool: pg.Pool
  close(): Promise<void>
}

const double = async (): Promise<Subject> => {
  const database = new DatabaseDouble(() => Date.now())
  const pool = new PoolDouble({ database, pause: async () => {} }).asPool()
  return { pool, close: async () => {} }
}

const real = (backend: 'pglite' | 'postgres') => async (): Promise<Subject> => {
  const database = await openTestDatabase(backend)
  await migrate(database.pool)
  return { pool: database.pool, close: () => database.close() }
}

const SUBJECTS = { double, PGlite: real('pglite'), Postgres: real('postgres') }

const LIMITS = { ...DEFAULT_LIMITS, minRollRows: 2, keepSnapshots: 1, keepHourlySnapshots: 0 }
const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** The updates of several edits by one client. */
function editsOf(client: number, words: readonly string[], gc = true): Uint8Array[] {
  const doc = new Y.Doc({ guid: 'edits', gc })
  doc.clientID = client
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const word of words) doc.getText('body').insert(0, word)
  doc.getText('body').delete(0, 1)
  return updates
}

describe.each(Object.entries(SUBJECTS))('the store on the %s', (_name, open) => {
  let subject: Subject
  let pool: pg.Pool
  beforeAll(async () => {
    subject = await open()
    pool = subject.pool
  })
  afterAll(() => subject.close())

  /** Appends an update. Sequence numbers and times depend on the database and are not compared directly. */
  const append = (docId: string, n: number, update: Uint8Array, keepHistory = false) =>
    appendUpdate(pool, docId, { batchId: id(n), update, structs: 1 }, { ...LIMITS, keepHistory })

  const stateOf = async (docId: string) => {
    const { activeSegment, snapshot, rows, keepHistory } = await readState(pool, docId, null)
    return {
      activeSegment,
      keepHistory,
      snapshot: snapshot && {
        through: snapshot.throughSegment,
        data: snapshot.data && Buffer.from(snapshot.data).toString('hex'),
      },
      rows: rows.map(({ segment, data }) => ({ segment, data: Buffer.from(data).toString('hex') })),
    }
  }

  const fold = async (docId: string, throughSegment: number, carried: readonly number[] = []) => {
    const { snapshot, rows } = await readState(pool, docId, null)
    const sealed = rows.filter(({ segment }) => segment <= throughSegment)
    const data = encodeFold({ previous: snapshot?.data ?? null, rows: sealed }, true).snapshot
    return foldSegments(
      pool,
      docId,
      { throughSegment, data },
      {
        ...LIMITS,
        retention: LIMITS,
        check: async () => ({ type: 'same', snapshot: data, structs: 1, carried }),
      },
    )
  }

  /** The segment, which the store reads with one statement if it is alone and with another one among others. */
  const readingOf = async (docId: string, segment: number) => {
    const [alone] = await readSegments(pool, [{ docId, segment }])
    const others = { docId: 'others', segment: 1 }
    const [, among] = await readSegments(pool, [others, { docId, segment }, others])
    expect(alone).toEqual(among)
    return alone
  }
  const segmentStatus = async (docId: string, segment: number) =>
    (await readingOf(docId, segment))?.status
  const newestOf = async (docId: string, segment: number) =>
    (await readingOf(docId, segment))?.newest

  test('an unknown document is empty, and its first segment is active', async () => {
    expect(await stateOf('unknown')).toEqual({
      activeSegment: 0,
      keepHistory: false,
      snapshot: null,
      rows: [],
    })
    expect(await segmentStatus('unknown', 0)).toBe('active')
    expect(await segmentStatus('unknown', 1)).toBe('not-opened')
    expect(await documentExists(pool, 'unknown')).toBe(false)
    expect(await rollSegment(pool, 'unknown', 0)).toBeNull()
    expect(await measureDocument(pool, 'unknown')).toEqual({
      exists: false,
      owner: null,
      bytes: 0,
      rows: 0,
      versions: 0,
    })
  })

  test('a second append of a batch returns its first row', async () => {
    const [one = new Uint8Array(), two = new Uint8Array()] = editsOf(1, ['a', 'b'])
    const first = await append('repeated', 1, one)
    expect(first.created).toBe(true)
    expect(await append('repeated', 1, two)).toEqual({ seq: first.seq, created: false })
    expect(await hasBatch(pool, 'repeated', id(1))).toBe(true)
    expect(await hasBatch(pool, 'repeated', id(2))).toBe(false)
    expect((await stateOf('repeated')).rows).toHaveLength(1)
    const newest = await newestOf('repeated', 0)
    expect(newest).toEqual({ activeSegment: 0, seqs: [first.seq] })
  })

  test('the same batch many times at once is one row', async () => {
    const [update = new Uint8Array()] = editsOf(2, ['a'])
    const all = await Promise.all(Array.from({ length: 8 }, () => append('at once', 1, update)))
    expect(new Set(all.map(({ seq }) => seq)).size).toBe(1)
    expect(all.filter(({ created }) => created)).toHaveLength(1)
  })

  test('rows that arrive during an append go into one statement, and each has its outcome', async () => {
    const queue = new AppendQueue(pool, { ...LIMITS, appendLanes: 1 })
    const [one = new Uint8Array(), two = new Uint8Array()] = editsOf(8, ['a', 'b'])
    const append = (docId: string, n: number, update: Uint8Array, keepHistory = false) =>
      queue.append(docId, { batchId: id(n), update, structs: 1 }, keepHistory)
    const all = await Promise.all([
      append('group a', 1, one),
      append('group b', 2, one),
      append('group a', 1, one),
      append('group b', 3, two, true),
    ])
    expect(all.map(({ created }) => created)).toEqual([true, true, false, true])
    expect(all[2]?.seq).toBe(all[0]?.seq)
    expect((await stateOf('group a')).keepHistory).toBe(false)
    expect((await stateOf('group b')).keepHistory).toBe(true)
    expect((await stateOf('group b')).rows).toHaveLength(2)
  })

  test('several rows are appended together, and a roll seals them', async () => {
    const updates = editsOf(3, ['a', 'b', 'c'])
    const batches = updates.map((update, n) => ({ batchId: id(n), update, structs: null }))
    await appendUpdates(pool, 'rolled', batches, LIMITS)
    expect(await rollDue(pool, 'rolled', 0, LIMITS)).toBe('due')
    expect(await rollDue(pool, 'rolled', 1, LIMITS)).toBe('conflict')
    expect(await rollSegment(pool, 'rolled', 0)).toBe(1)
    expect(await rollSegment(pool, 'rolled', 0)).toBeNull()
    expect(await segmentStatus('rolled', 0)).toBe('sealed')
    expect(await rollDue(pool, 'rolled', 1, LIMITS)).toBe('not-due')
    // The seal is the newest row of its segment, but is not part of state.
    const newest = await newestOf('rolled', 0)
    expect(newest?.seqs).toHaveLength(5)
    const state = await stateOf('rolled')
    expect(state.rows.map(({ segment }) => segment)).toEqual([0, 0, 0, 0])
  })

  test('a fold replaces sealed rows, carries over rows that wait, and keeps one snapshot row', async () => {
    for (const [n, update] of editsOf(4, ['a', 'b', 'c']).entries()) {
      await append('folded', n, update)
    }
    await rollSegment(pool, 'folded', 0)
    const { rows } = await readState(pool, 'folded', null)
    const carried = rows.slice(-1).map(({ seq }) => seq)
    const folded = await fold('folded', 0, carried)
    expect(folded).toMatchObject({ type: 'folded', rows: 3, carried: 1 })
    expect(await fold('folded', 0)).toMatchObject({ type: 'refused', refusal: 'folded' })
    expect(await fold('folded', 1)).toMatchObject({ type: 'refused', refusal: 'not-sealed' })
    const after = await stateOf('folded')
    expect(after.snapshot?.through).toBe(0)
    expect(after.rows.map(({ segment }) => segment)).toEqual([1])
    expect(await segmentStatus('folded', 0)).toBe('folded')
    // The carried row kept its batch id.
    expect((await append('folded', 3, new Uint8Array([0, 0]))).created).toBe(false)
    await append('folded', 9, editsOf(5, ['z'])[0] ?? new Uint8Array())
    await rollSegment(pool, 'folded', 1)
    expect(await fold('folded', 1)).toMatchObject({ type: 'folded' })
    const snapshots = await listSnapshots(pool, 'folded')
    expect(snapshots.map(({ throughSegment }) => throughSegment)).toEqual([1])
  })

  test('state marks a document that keeps its history', async () => {
    await append('history', 1, editsOf(6, ['a'], false)[0] ?? new Uint8Array(), true)
    expect((await stateOf('history')).keepHistory).toBe(true)
    await append('history', 2, editsOf(6, ['a', 'b'], false)[1] ?? new Uint8Array())
    expect((await stateOf('history')).keepHistory).toBe(true)
  })

  test('a deletion removes every row, and the store refuses all later calls', async () => {
    const [one = new Uint8Array(), two = new Uint8Array()] = editsOf(7, ['a', 'b'])
    expect(await deleteRows(pool, 'never stored', null)).toBeNull()
    await append('gone', 1, one)
    await rollSegment(pool, 'gone', 0)
    await fold('gone', 0)
    await append('gone', 2, two)
    const presence = {
      writer: { docId: 'gone', clientId: 7, user: null },
      data: one,
      hasRoom: true,
    }
    await putPresence(pool, presence, LIMITS, true)
    expect(await deleteRows(pool, 'gone', 'ada')).toEqual({
      deletedAt: expect.any(String),
      removed: {
        ydoc_update: 1,
        ydoc_snapshot: 1,
        ydoc_awareness: 1,
        ydoc_set_aside: 0,
        ydoc_writer: 0,
        ydoc_file: 0,
      },
    })
    const deleted = { code: 'deleted' }
    await expect(append('gone', 3, one)).rejects.toMatchObject(deleted)
    await expect(append('gone', 2, two)).rejects.toMatchObject(deleted)
    await expect(rollSegment(pool, 'gone', 2)).rejects.toMatchObject(deleted)
    await expect(putPresence(pool, presence, LIMITS, true)).rejects.toMatchObject(deleted)
    await expect(documentExists(pool, 'gone')).rejects.toMatchObject(deleted)
    await expect(readState(pool, 'gone', null)).rejects.toMatchObject(deleted)
    await expect(deleteRows(pool, 'gone', null)).rejects.toMatchObject(deleted)
    // The seal, with which readers of the active segment go to the next one.
    const newest = await newestOf('gone', 1)
    expect(newest).toEqual({ activeSegment: 2, seqs: [expect.any(Number)] })
  })

  test('presence is overwritten, listed and deleted', async () => {
    const write = (clientId: number, byte: number) => ({
      writer: { docId: 'present', clientId, user: null },
      data: new Uint8Array([byte]),
      hasRoom: true,
    })
    const { writer } = write(3, 0)
    expect(await putPresence(pool, write(7, 1), LIMITS, true)).toBe(true)
    const queue = new PresenceQueue(pool, LIMITS, true)
    const puts = [write(7, 2), write(3, 3), write(3, 3)].map((one) => queue.put(one))
    expect(await Promise.all(puts)).toEqual([false, true, false])
    const present = async () => {
      const all = []
      for await (const rows of presencePieces(pool, 'present')) {
        all.push(...rows.map(({ clientId, data }) => [clientId, ...data]))
      }
      return all
    }
    expect(await present()).toEqual([
      [3, 3],
      [7, 2],
    ])
    await deleteAwareness(pool, writer, LIMITS)
    await deleteAwareness(pool, writer, LIMITS)
    expect(await present()).toEqual([[7, 2]])
  })
})
