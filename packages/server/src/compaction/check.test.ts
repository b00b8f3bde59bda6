import { describe, expect, test } from 'vitest'
import { countStructs } from 'y-electric/protocol'
import * as Y from 'yjs'
import { checkFold, isOwnFold } from './check.ts'
import { asRows, honestProposal, type Rows } from './testing/documents.ts'
import { changed, cut } from './testing/encoder.ts'
import { find, holds, sample, swap } from './testing/sample.ts'

const { rows, doc } = sample()
const honest = honestProposal(rows)
const whole = honestProposal(rows, false)

const verdictOf = (proposal: Uint8Array, of: Rows = rows) =>
  checkFold({ previous: null, rows: of }, proposal)

describe('an honest proposal is accepted', () => {
  test('with garbage collected, and without', () => {
    for (const proposal of [honest, whole]) {
      const verdict = verdictOf(proposal)
      expect(verdict).toMatchObject({ type: 'same', carried: [] })
    }
  })

  test('encoded by a document that somebody edited', () => {
    expect(verdictOf(Y.encodeStateAsUpdateV2(doc)).type).toBe('same')
  })

  test('with its structs split at other positions', () => {
    const proposal = changed(honest, (parts) => {
      const item = find(parts, holds('inside'))
      swap(parts, item, ...cut(item, 3))
    })
    expect(proposal).not.toEqual(honest)
    expect(verdictOf(proposal).type).toBe('same')
  })

  test('for rows that are only seals', () => {
    expect(verdictOf(honestProposal([]), []).type).toBe('same')
  })
})

describe('the structs of a snapshot row', () => {
  /**
   * Few structs of little weight, many ranges of deletes, and subdocuments, each of which counts as several
   * structs.
   */
  function heavy() {
    const doc = new Y.Doc()
    doc.getText('text').insert(0, 'x'.repeat(100))
    for (let i = 0; i < 40; i++) doc.getText('text').delete(i, 1)
    doc.getArray('children').push(Array.from({ length: 10 }, () => new Y.Doc()))
    return asRows([Y.encodeStateAsUpdate(doc)])
  }

  test('are counted from its bytes, ranges of deletes included, whichever client encoded the proposal', () => {
    for (const of of [rows, heavy()]) {
      const sources = { previous: null, rows: of }
      const own = isOwnFold(sources, honestProposal(of))
      const other = verdictOf(honestProposal(of, false), of)
      if (own?.type !== 'same' || other.type !== 'same') throw new Error('it is the same')
      expect(own.structs).toBe(countStructs(own.snapshot))
      expect(other.structs).toBe(countStructs(other.snapshot))
      expect(other.structs).toBeGreaterThanOrEqual(own.structs)
    }
    const snapshot = honestProposal(heavy())
    const { structs, ds } = Y.decodeUpdateV2(snapshot)
    const ranges = [...ds.clients.values()].flat().length
    expect(ranges).toBe(40)
    expect(countStructs(snapshot)).toBe(structs.length + 10 * 19 + ranges)
  })
})

describe('for a document that keeps its history', () => {
  const keeping = (proposal: Uint8Array) => checkFold({ previous: null, rows }, proposal, true)

  test('the whole document is stored, whether or not the proposal was garbage collected', () => {
    for (const proposal of [honest, whole, Y.encodeStateAsUpdateV2(doc)]) {
      expect(keeping(proposal)).toMatchObject({ type: 'same', snapshot: whole, carried: [] })
    }
  })

  test('a proposal with other content is refused', () => {
    expect(keeping(honestProposal(rows.slice(1))).type).toBe('different')
  })

  test('content that an earlier fold collected stays collected, and content that it kept is kept', () => {
    const later = new Y.Doc({ gc: false })
    for (const { data } of rows) Y.applyUpdate(later, data)
    const before = Y.encodeStateVector(later)
    later.getText('text').insert(0, 'deleted later')
    const inserted = Y.encodeStateAsUpdate(later, before)
    later.getText('text').delete(0, 13)
    const more = asRows([inserted, Y.encodeStateAsUpdate(later, Y.encodeStateVector(later))], 100)
    for (const previous of [honest, whole]) {
      const verdict = checkFold(
        { previous, rows: more },
        honestProposal(more, true, previous),
        true,
      )
      if (verdict.type !== 'same') throw new Error(verdict.difference)
      const text = Buffer.from(verdict.snapshot).toString('latin1')
      expect(text).toContain('deleted later')
      expect(text.includes('deleted with its parent')).toBe(previous === whole)
    }
  })
})
