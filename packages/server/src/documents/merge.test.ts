import type pg from 'pg'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { withDefaults } from '../limits.ts'
import type { PackedState } from '../store/index.ts'
import { inspectLimited } from '../work/limiter.ts'
import { mergeState } from './merge.ts'

const limits = withDefaults({ maxParallelInspections: 1, minMergedBytes: 1 })
const joiner = { who: 'joiner', signal: new AbortController().signal }

/** State of a document that was typed letter by letter, a row each. */
function typed(letters: number): PackedState {
  const doc = new Y.Doc()
  const rows: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => rows.push(update))
  for (let i = 0; i < letters; i++) doc.getText('body').insert(i, 'x')
  const [seqs, lengths] = [Buffer.alloc(8 * letters), Buffer.alloc(4 * letters)]
  for (const [i, { byteLength }] of rows.entries()) {
    seqs.writeBigInt64BE(BigInt(i + 1), 8 * i)
    lengths.writeInt32BE(byteLength, 4 * i)
  }
  return {
    activeSegment: 0,
    snapshot: null,
    keepHistory: false,
    rows: {
      count: letters,
      seqs,
      lengths,
      segments: Buffer.alloc(4 * letters),
      batchIds: Buffer.alloc(16 * letters),
      data: Buffer.concat(rows),
    },
  }
}

test('a joiner gets the rows as they are, at once, while no inspection may start', async () => {
  const pool = {} as pg.Pool
  const state = typed(100)
  expect((await mergeState(pool, state, joiner, limits))?.merged.rows).toHaveLength(100)

  let end: () => void = () => {}
  const other = inspectLimited(
    pool,
    { who: 'somebody else' },
    limits,
    () =>
      new Promise<void>((resolve) => {
        end = resolve
      }),
  )
  expect(await mergeState(pool, state, joiner, limits)).toBe(null)
  end()
  await other
  expect(await mergeState(pool, state, joiner, limits)).not.toBe(null)
})
