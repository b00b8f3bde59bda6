import { RequestError } from '@y-electric/server'
import { describeLiving } from '@y-electric/server/extension'
import { describe, expect, test } from 'vitest'
import {
  decodeUpdate,
  ExamineError,
  examineUpdate,
  foldToSnapshot,
  guardMapEntries,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import { checkFold } from '../../../server/src/compaction/check.ts'
import {
  asRows,
  randomDocument,
  seededRandom,
} from '../../../server/src/compaction/testing/documents.ts'
import {
  hostileRows,
  misplacedRows,
} from '../../../server/src/compaction/testing/hostile-updates.ts'
import { buildDocument } from './build.ts'
import { FORMAT_NAMES } from './formats.ts'
import { statsOf } from './stats.ts'
import { writeContent } from './write.ts'

const SEEDS = Array.from({ length: 10 }, (_, seed) => seed)
const FORMATS = FORMAT_NAMES.filter((name) => name !== 'stats')

function accepted(row: Uint8Array): Uint8Array | null {
  try {
    return examineUpdate(row).update
  } catch (error) {
    if (error instanceof ExamineError) return null
    throw error
  }
}

function randomOf(seed: number): (below: number) => number {
  const chance = seededRandom(seed)
  return (below) => Math.floor(chance() * below)
}

const shuffled = (rows: readonly Uint8Array[], random: (below: number) => number) =>
  rows
    .map((row) => ({ row, at: random(1_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => row)

/** A client that reads the rows one by one. */
function follower(rows: readonly Uint8Array[], gc = true): Y.Doc {
  const doc = new Y.Doc({ gc })
  guardMapEntries(doc)
  for (const row of rows) Y.applyUpdate(doc, row)
  return doc
}

/** All living content in order, id by id. */
function living(doc: Y.Doc): string[] {
  const lines: string[] = []
  const add = (
    path: string,
    { id, length, deleted, content }: Y.Item,
    item: Y.Item,
    from: number,
  ) => {
    if (deleted) return
    for (let clock = from; clock < id.clock + length; clock++) {
      lines.push(`${path} ${id.client}:${clock} ${describeLiving(item, clock, clock + 1)}`)
    }
    if (!(content instanceof Y.ContentType)) return
    const nested = content.type as unknown as Y.AbstractType<unknown>
    walk(nested, `${path}/${id.client}:${id.clock}`)
  }
  const walk = (type: Y.AbstractType<unknown>, path: string) => {
    for (let item = type._start; item !== null; item = item.right) {
      add(path, item, item, item.id.clock)
    }
    for (const [key, item] of [...type._map].sort(([a], [b]) => (a < b ? -1 : 1))) {
      add(`${path}.${key}`, item, item, item.id.clock + item.length - 1)
    }
  }
  for (const [name, type] of [...doc.share].sort(([a], [b]) => (a < b ? -1 : 1)))
    walk(type as unknown as Y.AbstractType<unknown>, name)
  return lines
}

function expectFoldable(rows: readonly Uint8Array[], again: readonly Uint8Array[]): void {
  const sources = { previous: null, rows: asRows(rows) }
  for (const gc of [true, false]) {
    const snapshot = foldToSnapshot(sources, gc)
    for (const keepHistory of [true, false]) {
      expect(checkFold(sources, snapshot, keepHistory)).toMatchObject({ type: 'same' })
    }
    expect(foldToSnapshot({ previous: null, rows: asRows(again) }, gc)).toEqual(snapshot)
    const joined = new Y.Doc({ gc })
    Y.applyUpdateV2(joined, snapshot)
    expect(Y.encodeStateAsUpdateV2(joined)).toEqual(snapshot)
    expect(() => decodeUpdate(Y.encodeStateAsUpdate(joined))).not.toThrow()
  }
}

/** Expects that the document can be written in every format, or is refused with a reason. */
function expectReadable(rows: readonly Uint8Array[]): void {
  const build = () => buildDocument({ previous: null, rows: asRows(rows) }, true)
  expect(build().unreadableRows).toBe(0)
  expect(() => JSON.stringify(statsOf(build()))).not.toThrow()
  for (const format of FORMATS) {
    for (const choice of [{}, { root: 'a', type: 'xml' }, { root: 'a', type: 'text' }] as const) {
      try {
        writeContent(build().doc, format, choice)
      } catch (error) {
        if (!(error instanceof RequestError)) throw error
      }
    }
  }
}

describe('a document of accepted rows', () => {
  test('can be applied in any order, read and folded, even with random positions and references', () => {
    let count = 0
    for (const seed of SEEDS) {
      const random = randomOf(seed)
      const rows = hostileRows(random, 8).flatMap((row) => accepted(row) ?? [])
      const again = shuffled(rows, random)
      count += rows.length
      for (const order of [rows, again]) expect(() => follower(order), `seed ${seed}`).not.toThrow()
      expectFoldable(rows, again)
      if (seed % 5 === 0) expectReadable(rows)
    }
    expect(count).toBeGreaterThan(3 * SEEDS.length)
  })

  test('reads the same in any order of rows, even with content at impossible positions', () => {
    for (const seed of SEEDS) {
      const random = randomOf(seed)
      const rows = misplacedRows(random, 10, accepted)
      const again = shuffled(rows, random)
      const [one, other] = [follower(rows), follower(again, false)]
      expect(other.store.pendingStructs).toBeNull()
      expect(living(other), `seed ${seed}`).toEqual(living(one))
      const folded = new Y.Doc()
      Y.applyUpdateV2(folded, foldToSnapshot({ previous: null, rows: asRows(rows) }, true))
      expect(living(folded), `seed ${seed}`).toEqual(living(one))
      expectFoldable(rows, again)
      if (seed % 5 === 0) expectReadable(rows)
    }
  })

  test('survives the deletion of a map with an entry of two ids, one of which was already deleted', () => {
    const rows = [
      '01020200070101610504686f6f6b28000200016b0275007b7ff800000000000000',
      '01020203860201046c696e6b0322782200020102010001',
      '0101010027010162095f5f70726f746f5f5f000102010201',
      '0103010122010162000109756e646566696e6564810200038701000301700102010301',
      '0103020688020001750025010161016b046e756c6c870206000101010201',
      '01030106030100020102050101610d7b22696d616765223a2261227d28010161016b01740300000000',
      '0101020ac40104020804776f726400',
    ].map((hex) => new Uint8Array(Buffer.from(hex, 'hex')))
    expect(rows.map(accepted)).toEqual(rows)
    expect(() => follower(rows)).not.toThrow()
    expect(() => follower([...rows].reverse())).not.toThrow()
    expectFoldable(rows, [...rows].reverse())
    // Without our guard, Yjs throws in every document that reads these rows.
    const unguarded = new Y.Doc()
    const applyAll = () => {
      for (const row of rows) Y.applyUpdate(unguarded, row)
    }
    expect(applyAll).toThrow('Unexpected case')
  })
})

test('every edit of a document that Yjs made is accepted, and so is every part and union of its edits', () => {
  for (const seed of SEEDS.slice(0, 6)) {
    const random = randomOf(seed)
    const { updates, docs } = randomDocument(seed, 40)
    const wholes = docs.flatMap((doc) => [
      Y.encodeStateAsUpdate(doc),
      Y.encodeStateAsUpdate(doc, Y.encodeStateVector(docs[random(3)] as Y.Doc)),
    ])
    for (const update of [
      ...updates,
      ...wholes,
      Y.mergeUpdates(shuffled(updates, random).slice(3)),
    ]) {
      expect(examineUpdate(update).update).toBe(update)
    }
    for (const doc of docs) {
      const { update } = examineUpdate(Y.encodeStateAsUpdateV2(doc), { format: 'v2' })
      const copy = new Y.Doc({ gc: false })
      Y.applyUpdate(copy, update)
      expect(Y.encodeStateVector(copy)).toEqual(Y.encodeStateVector(doc))
    }
  }
})
