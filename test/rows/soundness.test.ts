// Whether an update row is bad depends on its bytes alone, so the client and the server agree.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  applyRow,
  contentOfUpdate,
  encodeFold,
  foldToSnapshot,
  isSoundRow,
  mergeUpdates,
  readRow,
  rowProblem,
  salvageRow,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import { BAD_ROWS, PROTO_ROW } from '../harness/badRows.ts'
import { expectConverged, rebuild } from '../harness/oracle.ts'
import { pickBelow, seededRandom } from '../harness/random.ts'
import { historyAtRandom } from '../simulation/edits.ts'

describe('a bad row', () => {
  test.each(BAD_ROWS)('is reported: %s', (_name, make) => {
    expect(() => readRow(make(77))).toThrow(/^update: /)
    expect(rowProblem(make(77))).toMatch(/^update: /)
    expect(isSoundRow(make(77))).toBe(false)
  })

  test('is reported if it makes the document impossible to encode', () => {
    const doc = new Y.Doc({ guid: 'row' })
    Y.applyUpdate(doc, PROTO_ROW)
    expect(() => Y.encodeStateAsUpdate(doc)).toThrow()
    expect(rowProblem(PROTO_ROW)).toContain('a value has the key "__proto__"')
  })

  test('never makes the check throw, whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const problem = rowProblem(bytes)
        expect(problem === null || problem.startsWith('update: ')).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a valid row', () => {
  test('is accepted with any values', () => {
    const rows: Uint8Array[] = []
    const doc = new Y.Doc({ guid: 'row', gc: false })
    doc.on('update', (row: Uint8Array) => rows.push(row))
    const map = doc.getMap<unknown>('m')
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: false, withNullPrototype: false }).filter(isOwnData),
        (value) => {
          map.set('k', value)
        },
      ),
      { numRuns: 300 },
    )
    map.set('bytes', new Uint8Array([1, 2]))
    map.set('big', 2n ** 60n)
    map.set('__proto__', 'a key of a map is not a key of an object')
    map.set('sub', new Y.Doc({ autoLoad: true, meta: { a: [1] } }))
    const text = doc.getText('t')
    text.insert(0, 'abc😀', { link: { href: 'x' } })
    text.insertEmbed(1, { image: { src: 'a' } })
    text.format(0, 2, { bold: true, link: null })
    text.delete(0, 2)
    doc.getXmlFragment('x').insert(0, [new Y.XmlElement('p'), new Y.XmlText('t')])
    expect(rows.map(rowProblem).filter((problem) => problem !== null)).toEqual([])
    for (const whole of [Y.encodeStateAsUpdate(doc), Y.mergeUpdates(rows), mergeUpdates(rows)]) {
      expect(rowProblem(whole)).toBeNull()
    }
  })

  test('is accepted even if it waits for missing edits, or contains only deletes', () => {
    const doc = new Y.Doc({ guid: 'row' })
    const rows: Uint8Array[] = []
    doc.on('update', (row: Uint8Array) => rows.push(row))
    for (const letter of 'abc') doc.getText('t').insert(0, letter)
    doc.getText('t').delete(1, 1)
    const [first = new Uint8Array(), , third = new Uint8Array(), last = new Uint8Array()] = rows
    for (const row of [Y.mergeUpdates([first, third]), last]) expect(rowProblem(row)).toBeNull()
  })
})

/** JSON-like data as apps have it in normal use, without the key `__proto__`. */
function isOwnData(value: unknown): boolean {
  if (typeof value === 'symbol' || typeof value === 'function') return false
  if (typeof value !== 'object' || value === null) return true
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return false
  if (Object.hasOwn(value, '__proto__') || Object.getOwnPropertySymbols(value).length > 0)
    return false
  return Object.values(value).every(isOwnData)
}

describe('the part of a bad row that can be saved', () => {
  test('consists of its valid edits, and of its ids, on which later edits build', () => {
    const doc = new Y.Doc({ guid: 'row' })
    doc.clientID = 5
    Y.applyUpdate(doc, PROTO_ROW)
    const rows: Uint8Array[] = []
    doc.on('update', (row: Uint8Array) => rows.push(row))
    doc.clientID = 5
    doc.getText('t').insert(0, 'later')
    const [later = new Uint8Array()] = rows
    const saved = salvageRow(PROTO_ROW) ?? new Uint8Array()
    expect(rowProblem(saved)).toBeNull()
    const reader = new Y.Doc({ guid: 'row' })
    Y.applyUpdate(reader, later)
    expect(reader.getText('t').toString()).toBe('')
    Y.applyUpdate(reader, saved)
    expect(reader.getText('t').toString()).toBe('later')
    expect(reader.getMap('m').toJSON()).toEqual({})
    expect(reader.store.pendingStructs).toBeNull()
  })

  test.each(BAD_ROWS)('is valid or empty: %s', (_name, make) => {
    const saved = salvageRow(make(77))
    if (saved === null) return
    expect(rowProblem(saved)).toBeNull()
    expect(contentOfUpdate(readRow(saved)).structs.clients.size).toBeLessThanOrEqual(1)
    const doc = new Y.Doc({ guid: 'row' })
    Y.applyUpdate(doc, saved)
    expect(Y.encodeStateAsUpdateV2(doc)).toBeDefined()
  })
})

describe('a fold', () => {
  test('equals the fold of the valid rows and carries bad rows over, for random histories with bad rows anywhere', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = seededRandom(seed)
      const honest = historyAtRandom(random, 20)
      const bad = new Set<Uint8Array>()
      const all = honest.flatMap((row) => {
        if (random() > 0.3) return [row]
        const make = BAD_ROWS[pickBelow(random, BAD_ROWS.length)]?.[1] ?? (() => PROTO_ROW)
        // A bad row may also use the id of a normal client.
        const one = make(1 + pickBelow(random, 5))
        bad.add(one)
        return [one, row]
      })
      const rows = asRows(all)
      const { snapshot, carried } = encodeFold({ previous: null, rows }, true)
      expect([seed, snapshot]).toEqual([
        seed,
        foldToSnapshot({ previous: null, rows: asRows(honest) }, true),
      ])
      expect(carried.map(({ data }) => data)).toEqual([...bad])

      // The rows are folded in two steps, and applied one by one as a follower does it.
      const cut = pickBelow(random, rows.length)
      const first = encodeFold({ previous: null, rows: rows.slice(0, cut) }, true)
      const second = [...first.carried, ...rows.slice(cut)]
      const folded = new Y.Doc({ guid: 'row' })
      Y.applyUpdateV2(folded, foldToSnapshot({ previous: first.snapshot, rows: second }, true))
      const follower = new Y.Doc({ guid: 'row' })
      for (const { data } of rows) if (isSoundRow(data)) applyRow(follower, data)
      expectConverged([folded, follower, rebuild({ updates: honest })])
    }
  })
})

const asRows = (updates: readonly Uint8Array[]) =>
  updates.map((data, i) => ({ seq: i + 1, segment: 0, data }))
