import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { honestProposal, type Rows } from './testing/documents.ts'
import { changed, cut } from './testing/encoder.ts'
import { find, holds, sample, swap } from './testing/sample.ts'
import { verifyFold } from './verify.ts'

const { rows, doc } = sample()
const honest = honestProposal(rows)
const whole = honestProposal(rows, false)

const verdictOf = (proposal: Uint8Array, of: Rows = rows) =>
  verifyFold({ previous: null, rows: of }, proposal)

describe('an honest proposal is accepted', () => {
  test('with garbage collected, and without', () => {
    for (const proposal of [honest, whole]) {
      const verdict = verdictOf(proposal)
      expect(verdict).toMatchObject({ type: 'same', carried: [] })
    }
  })

  test('written by a document that somebody edited', () => {
    expect(verdictOf(Y.encodeStateAsUpdateV2(doc)).type).toBe('same')
  })

  test('with its structs cut at other places', () => {
    const proposal = changed(honest, (parts) => {
      const item = find(parts, holds('inside'))
      swap(parts, item, ...cut(item, 3))
    })
    expect(proposal).not.toEqual(honest)
    expect(verdictOf(proposal).type).toBe('same')
  })

  test('of nothing but seals', () => {
    expect(verdictOf(honestProposal([]), []).type).toBe('same')
  })
})
