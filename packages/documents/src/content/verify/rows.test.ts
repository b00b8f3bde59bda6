import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldToSnapshot, type UpdateRow } from 'y-electric/protocol'
import * as Y from 'yjs'
import { isDeep } from '../../../../../test/harness/deep.ts'
import { randomDocument } from '../../../../server/src/compaction/testing/documents.ts'
import { buildDocument } from '../build.ts'
import { statsOf } from '../stats.ts'
import { writeContent } from '../write.ts'
import { type StoredDocument, verifyRows } from './rows.ts'
import { verifyOlderSnapshots } from './snapshots.ts'

const numRuns = isDeep ? 3_000 : 50

const SEAL = new Uint8Array()

interface Life {
  readonly stored: StoredDocument
  readonly snapshots: readonly Uint8Array[]
}

/**
 * A document as a server may store it: several writers, rows sent twice and as whole documents,
 * rolls and folds in between, collected or not.
 */
function liveLife(seed: number, cuts: readonly ('roll' | 'fold' | 'resend' | null)[]): Life {
  const { updates, docs } = randomDocument(seed, cuts.length)
  let rows: UpdateRow[] = []
  let activeSegment = 0
  let snapshot: StoredDocument['snapshot'] = null
  const snapshots: Uint8Array[] = []
  let seq = 0
  const add = (data: Uint8Array) => rows.push({ seq: ++seq, segment: activeSegment, data })
  for (const [i, update] of updates.entries()) {
    add(update)
    const cut = cuts[i % cuts.length]
    if (cut === 'resend') add(updates[(i * 7) % (i + 1)] ?? update)
    if (cut === 'roll' || cut === 'fold') {
      add(SEAL)
      activeSegment++
    }
    if (cut === 'fold') {
      const sealed = rows.filter(({ data }) => data.byteLength > 0)
      const data = foldToSnapshot(
        { previous: snapshot?.data ?? null, rows: sealed },
        seed % 2 === 0,
      )
      snapshot = { seq: snapshots.length + 1, throughSegment: activeSegment - 1, data }
      snapshots.push(data)
      rows = []
    }
  }
  // A client that was away sends everything that it has, and may have collected garbage.
  for (const doc of docs) add(Y.encodeStateAsUpdate(doc))
  return { stored: { activeSegment, snapshot, rows }, snapshots }
}

const lives = fc
  .tuple(
    fc.integer(),
    fc.array(
      fc.oneof(
        { weight: 12, arbitrary: fc.constant(null) },
        { weight: 3, arbitrary: fc.constant('resend' as const) },
        { weight: 2, arbitrary: fc.constant('roll' as const) },
        { weight: 1, arbitrary: fc.constant('fold' as const) },
      ),
      { minLength: 1, maxLength: 60 },
    ),
  )
  .map(([seed, cuts]) => liveLife(seed, cuts))

describe('a sound document', () => {
  test('has no finding, however it was edited and folded', () => {
    fc.assert(
      fc.property(lives, ({ stored, snapshots }) => {
        expect(verifyRows(stored)).toEqual([])
        const newest = stored.snapshot === null ? null : { seq: 99, data: stored.snapshot.data }
        const older = snapshots.map((data, seq) => ({ seq, isFold: true, data }))
        expect(verifyOlderSnapshots(older, newest)).toEqual([])
      }),
      { numRuns },
    )
  })
})

describe('a character that somebody cut in two', () => {
  test('is no conflict: Yjs itself replaces the halves', () => {
    const doc = new Y.Doc()
    doc.getText('t').insert(0, 'a😀b')
    const before = Y.encodeStateAsUpdate(doc)
    doc.getText('t').insert(2, 'x')
    const after = Y.encodeStateAsUpdate(doc)
    expect(doc.getText('t').toString()).toBe('a\ufffdx\ufffdb')
    for (const order of [
      [before, after],
      [after, before],
    ]) {
      const rows = order.map((data, i) => ({ seq: i + 1, segment: 0, data }))
      expect(verifyRows({ activeSegment: 0, snapshot: null, rows })).toEqual([])
    }
  })
})

describe('an older snapshot row', () => {
  test('is compared in what it inserts and in what it deletes', () => {
    const doc = new Y.Doc({ gc: false })
    doc.clientID = 3
    doc.getText('t').insert(0, 'abcdef')
    const inserted = Y.encodeStateAsUpdateV2(doc)
    doc.getText('t').delete(1, 2)
    const deleted = Y.encodeStateAsUpdateV2(doc)
    doc.getText('t').insert(0, 'more')
    const more = Y.encodeStateAsUpdateV2(doc)
    const lacks = (older: Uint8Array, newest: Uint8Array, isFold = true) =>
      verifyOlderSnapshots([{ seq: 1, isFold, data: older }], { seq: 2, data: newest }).map(
        ({ code, seq, message }) => `${code} ${seq}: ${message}`,
      )
    expect(lacks(inserted, deleted)).toEqual([])
    expect(lacks(deleted, more)).toEqual([])
    expect(lacks(more, deleted)).toEqual([
      'snapshot_lacks 2: snapshot row 2 lacks 3:6-9, which the older row 1 has',
    ])
    expect(lacks(deleted, inserted)).toEqual([
      'snapshot_lacks 2: snapshot row 2 lacks 3:1-2, which the older row 1 has',
    ])
    expect(lacks(more, deleted, false)).toEqual([])
  })
})

describe('a flipped byte', () => {
  test('is reported if the row does not decode, and never prevents reading the other rows', () => {
    fc.assert(
      fc.property(
        lives,
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (life, which, at, flip) => {
          const { stored } = life
          const rows = stored.rows.filter(({ data }) => data.byteLength > 0)
          const victim = rows[which % rows.length]
          if (victim === undefined) return
          const data = Uint8Array.from(victim.data)
          data[at % data.length] = (data[at % data.length] ?? 0) ^ flip
          const damaged = stored.rows.map((row) => (row === victim ? { ...row, data } : row))
          const findings = verifyRows({ ...stored, rows: damaged })
          const sources = {
            previous: stored.snapshot?.data ?? null,
            rows: damaged.filter((row) => row.data.byteLength > 0),
          }
          for (const gc of [true, false]) {
            const built = buildDocument(sources, gc)
            const isUnreadable = findings.some(
              ({ code, seq }) => code === 'row_unreadable' && seq === victim.seq,
            )
            expect(built.unreadableRows).toBe(isUnreadable ? 1 : 0)
            expect(() => statsOf(built)).not.toThrow()
            expect(() => writeContent(built.doc, 'json')).not.toThrow()
            built.doc.destroy()
          }
        },
      ),
      { numRuns },
    )
  })

  test('in a snapshot row does not make the check throw', () => {
    fc.assert(
      fc.property(lives, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ stored }, at, flip) => {
        if (stored.snapshot === null) return
        const data = Uint8Array.from(stored.snapshot.data)
        data[at % data.length] = (data[at % data.length] ?? 0) ^ flip
        const snapshot = { ...stored.snapshot, data }
        expect(() => verifyRows({ ...stored, snapshot })).not.toThrow()
      }),
      { numRuns },
    )
  })
})

describe('a missing row', () => {
  test('is reported with its edits if another row builds on it', () => {
    const doc = new Y.Doc()
    doc.clientID = 5
    const rows: UpdateRow[] = []
    doc.on('update', (data: Uint8Array) => rows.push({ seq: rows.length + 1, segment: 0, data }))
    for (const word of ['one', 'two', 'three']) doc.getText('t').insert(0, word)
    const stored = { activeSegment: 0, snapshot: null, rows: rows.filter(({ seq }) => seq !== 2) }
    expect(verifyRows(stored)).toMatchObject([
      { code: 'row_waits', seq: 3, message: 'row 3 waits for 5:3-5, which no row has' },
    ])
  })
})

describe('a row of another document', () => {
  test('is reported if it has other content under the same ids', () => {
    const [one, other] = ['mine', 'your'].map((text) => {
      const doc = new Y.Doc()
      doc.clientID = 5
      doc.getText('t').insert(0, text)
      return Y.encodeStateAsUpdate(doc)
    }) as [Uint8Array, Uint8Array]
    const rows = [one, other].map((data, i) => ({ seq: i + 1, segment: 0, data }))
    expect(verifyRows({ activeSegment: 0, snapshot: null, rows })).toMatchObject([
      { code: 'row_conflicts', seq: 2, message: expect.stringContaining('5:0') as string },
    ])
  })
})
