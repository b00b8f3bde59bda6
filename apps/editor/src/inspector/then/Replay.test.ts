import { expect, test } from 'vitest'
import { foldToSnapshot } from 'y-electric/protocol'
import * as Y from 'yjs'
import { Replay } from './Replay.ts'

const { signal } = new AbortController()

/** A replay whose clock advances by some milliseconds each time that it is read. */
function slow(stepMs: number) {
  let now = 0
  let breaths = 0
  const replay = new Replay({
    now: () => {
      now += stepMs
      return now
    },
    breathe: async () => {
      breaths++
    },
  })
  return { replay, breaths: () => breaths }
}

/** The rows of a text to which each row adds a number, and from which every third deletes a letter. */
function rowsOf(count: number) {
  const doc = new Y.Doc()
  const rows: Uint8Array[] = []
  const texts = ['']
  doc.on('update', (row: Uint8Array) => rows.push(row))
  const text = doc.getText('text')
  for (let index = 0; index < count; index++) {
    doc.transact(() => {
      text.insert(text.length, `${index} `)
      if (index % 3 === 0) text.delete(0, 1)
    })
    texts.push(text.toString())
  }
  return { rows, texts }
}

const textOf = (doc: Y.Doc) => doc.getText('text').toString()

test('the document is as it was after each row, in any order of steps', async () => {
  const { rows, texts } = rowsOf(1_300)
  const { replay } = slow(0)
  for (const count of [0, 1, 1_300, 1_299, 700, 701, 3, 1_000, 0]) {
    expect(await replay.readAfter({ base: null, rows }, count, textOf, signal)).toBe(texts[count])
  }
})

test('the rows continue the snapshot row', async () => {
  const { rows, texts } = rowsOf(20)
  const folded = rows.slice(0, 12).map((data, seq) => ({ seq, segment: 0, data }))
  const base = foldToSnapshot({ previous: null, rows: folded }, true)
  const { replay } = slow(0)
  const source = { base, rows: rows.slice(12) }
  for (const count of [0, 8, 3]) {
    expect(await replay.readAfter(source, count, textOf, signal)).toBe(texts[12 + count])
  }
})

test('requests wait for each other, and each reads its own document', async () => {
  const { rows, texts } = rowsOf(60)
  const { replay } = slow(3)
  const counts = [60, 10, 59, 11, 60]
  const read = counts.map((count) => replay.readAfter({ base: null, rows }, count, textOf, signal))
  expect(await Promise.all(read)).toEqual(counts.map((count) => texts[count]))
})

test('the page may draw between slices, and an aborted replay ends there', async () => {
  const { rows, texts } = rowsOf(100)
  const { replay, breaths } = slow(1)
  expect(await replay.readAfter({ base: null, rows }, 100, textOf, signal)).toBe(texts[100])
  expect(breaths()).toBeGreaterThan(5)
  expect(breaths()).toBeLessThan(50)
  const aborter = new AbortController()
  const run = replay.readAfter({ base: null, rows }, 10, textOf, aborter.signal)
  aborter.abort()
  expect(await run).toBeNull()
  expect(await replay.readAfter({ base: null, rows }, 50, textOf, signal)).toBe(texts[50])
})

test('a row that arrives late, or a fold, begins again where the rows differ', async () => {
  const { rows, texts } = rowsOf(30)
  const { replay } = slow(0)
  const early = rows.filter((_, index) => index !== 10)
  await replay.readAfter({ base: null, rows: early }, 29, textOf, signal)
  expect(await replay.readAfter({ base: null, rows }, 30, textOf, signal)).toBe(texts[30])
  const folded = rows.slice(0, 20).map((data, seq) => ({ seq, segment: 0, data }))
  const base = foldToSnapshot({ previous: null, rows: folded }, true)
  const source = { base, rows: rows.slice(20) }
  expect(await replay.readAfter(source, 5, textOf, signal)).toBe(texts[25])
})

test('bad rows are left out, and deleted content stays in the document', async () => {
  const { rows, texts } = rowsOf(4)
  const { replay } = slow(0)
  const source = { base: null, rows: [...rows, new Uint8Array([255, 1, 2])] }
  const [text, structs] =
    (await replay.readAfter(
      source,
      5,
      (doc) => [textOf(doc), [...doc.store.clients.values()].flat()] as const,
      signal,
    )) ?? []
  expect(text).toBe(texts[4])
  // A letter that its own row deletes is in no row.
  const deleted = (structs ?? []).filter((struct) => struct.deleted)
  expect(deleted.map((struct) => struct instanceof Y.Item && struct.content.constructor)).toEqual([
    Y.ContentDeleted,
    Y.ContentString,
  ])
})
