import type pg from 'pg'
import { expect, test } from 'vitest'
import { decodeState } from 'y-electric/protocol'
import * as Y from 'yjs'
import { withDefaults } from '../limits.ts'
import type { PackedState } from '../store/index.ts'
import { inspectLimited } from '../work/limiter.ts'
import { mergeState } from './merge.ts'
import { forgetMerged } from './merged-cache.ts'

const limits = withDefaults({ maxParallelInspections: 1, minMergedBytes: 1 })
const joiner = { who: 'joiner', signal: new AbortController().signal }

/** State of a document that was typed letter by letter, a row each. */
function typed(letters: number): PackedState {
  return written(letters, (text, i) => text.insert(i, 'x'))
}

/** State of a document with a row for each edit. */
function written(count: number, edit: (text: Y.Text, i: number) => void): PackedState {
  const doc = new Y.Doc()
  doc.clientID = 1
  const rows: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => rows.push(update))
  for (let i = 0; i < count; i++) doc.transact(() => edit(doc.getText('body'), i))
  const [seqs, lengths] = [Buffer.alloc(8 * count), Buffer.alloc(4 * count)]
  for (const [i, { byteLength }] of rows.entries()) {
    seqs.writeBigInt64BE(BigInt(i + 1), 8 * i)
    lengths.writeInt32BE(byteLength, 4 * i)
  }
  return {
    activeSegment: 0,
    snapshot: null,
    keepHistory: false,
    rows: {
      count,
      seqs,
      lengths,
      segments: Buffer.alloc(4 * count),
      batchIds: Buffer.alloc(16 * count),
      data: rows,
    },
  }
}

const noCache = { ...limits, maxMergedCacheBytes: 0 }

/** Does something while no inspection may start. */
async function whileBusy(pool: pg.Pool, act: () => Promise<void>): Promise<void> {
  let end: () => void = () => {}
  const busy = new Promise<void>((resolve) => {
    end = resolve
  })
  const other = inspectLimited(pool, { who: 'somebody else' }, limits, () => busy)
  try {
    await act()
  } finally {
    end()
    await other
  }
}

const merge = (pool: pg.Pool, state: PackedState, docId = 'typed', own = limits) =>
  mergeState(pool, docId, state, joiner, own)

test('a joiner gets the rows as they are, at once, while no inspection may start', async () => {
  const pool = {} as pg.Pool
  const state = typed(100)
  expect((await merge(pool, state, 'typed', noCache))?.merged.rows).toHaveLength(100)
  await whileBusy(pool, async () => {
    expect(await merge(pool, state, 'typed', noCache)).toBe(null)
  })
  expect(await merge(pool, state, 'typed', noCache)).not.toBe(null)
})

test('large rows are not merged', async () => {
  const pasted = written(10, (text) => text.insert(0, 'x'.repeat(2_000)))
  expect(await merge({} as pg.Pool, pasted)).toBe(null)
  // Content that was deleted would make the merged update much smaller, if these rows were merged.
  const replaced = written(10, (text) => {
    text.delete(0, text.length)
    text.insert(0, 'x'.repeat(2_000))
  })
  expect(await merge({} as pg.Pool, replaced)).toBe(null)
})

test('the next joiner gets what was merged for the one before, and newer rows as they are', async () => {
  const pool = {} as pg.Pool
  const first = await merge(pool, typed(1_000))
  await whileBusy(pool, async () => {
    expect(await merge(pool, typed(1_000))).toEqual(first)
    const next = await merge(pool, typed(1_003))
    expect(next?.merged).toEqual(first?.merged)
    const { rows } = decodeState(next?.rest ?? new Uint8Array())
    expect(rows.map(({ seq }) => seq)).toEqual([1_001, 1_002, 1_003])
    const doc = new Y.Doc()
    for (const data of [next?.merged.data, ...rows.map(({ data }) => data)]) {
      Y.applyUpdate(doc, data ?? new Uint8Array())
    }
    expect(doc.getText('body').length).toBe(1_003)
  })
  // Too many rows are new: they are merged as well.
  expect((await merge(pool, typed(1_100)))?.merged.rows).toHaveLength(1_100)
})

test('merged rows are used again only for the same rows of the same document', async () => {
  const pool = {} as pg.Pool
  const state = typed(100)
  await merge(pool, state)
  const { rows } = state
  const otherBatch = { ...rows, batchIds: Buffer.from(rows.batchIds).fill(1, 0, 16) }
  const withoutFirst = {
    count: rows.count - 1,
    seqs: rows.seqs.subarray(8),
    lengths: rows.lengths.subarray(4),
    segments: rows.segments.subarray(4),
    batchIds: rows.batchIds.subarray(16),
    data: rows.data.slice(1),
  }
  await whileBusy(pool, async () => {
    expect(await merge(pool, state)).not.toBe(null)
    expect(await merge(pool, state, 'another')).toBe(null)
    expect(await merge({} as pg.Pool, state)).not.toBe(null)
    expect(await merge(pool, { ...state, keepHistory: true })).toBe(null)
    expect(await merge(pool, { ...state, rows: otherBatch })).toBe(null)
    expect(await merge(pool, { ...state, rows: withoutFirst })).toBe(null)
  })
})

test('merged rows are forgotten after mergedCacheMs', async () => {
  const pool = {} as pg.Pool
  await merge(pool, typed(100), 'typed', { ...limits, mergedCacheMs: 1 })
  await new Promise((resolve) => setTimeout(resolve, 20))
  await whileBusy(pool, async () => {
    expect(await merge(pool, typed(100))).toBe(null)
  })
})

test('merged rows of a deleted document are forgotten at once', async () => {
  const pool = {} as pg.Pool
  await merge(pool, typed(100))
  forgetMerged(pool, 'typed')
  await whileBusy(pool, async () => {
    expect(await merge(pool, typed(100))).toBe(null)
  })
})
