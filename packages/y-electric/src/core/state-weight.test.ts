import { expect, test } from 'vitest'
import * as Y from 'yjs'
import type { State } from '../protocol/state-frames.ts'
import { manyInV2 } from '../protocol/testing/raw-updates.ts'
import { isTooHeavy } from './state-weight.ts'

function stateOf(snapshot: Uint8Array | null, ...rows: Uint8Array[]): State {
  return {
    activeSegment: 1,
    snapshot: snapshot && { seq: 1, throughSegment: 0, data: snapshot },
    rows: rows.map((data, i) => ({ seq: i + 2, segment: 1, data })),
  }
}

const doc = new Y.Doc()
for (let i = 0; i < 10; i++) doc.getArray('a').push([new Y.Map()])
const [v1, v2] = [Y.encodeStateAsUpdate(doc), Y.encodeStateAsUpdateV2(doc)]
const garbage = new Uint8Array(100).fill(255)

test('state is too heavy if its snapshot row and its rows together hold more structs than allowed', () => {
  expect(isTooHeavy(stateOf(null), 1)).toBe(false)
  expect(isTooHeavy(stateOf(v2), 10)).toBe(false)
  expect(isTooHeavy(stateOf(v2), 9)).toBe(true)
  expect(isTooHeavy(stateOf(v2, v1), 20)).toBe(false)
  expect(isTooHeavy(stateOf(v2, v1), 19)).toBe(true)
  expect(isTooHeavy(stateOf(null, v1, v1), 19)).toBe(true)
})

test('ranges of deletes count as structs, in a snapshot row and in rows', () => {
  const text = new Y.Doc()
  text.getText('t').insert(0, 'x'.repeat(100))
  for (let i = 0; i < 50; i++) text.getText('t').delete(i, 1)
  const before = Y.encodeStateAsUpdateV2(text)
  const { structs } = Y.decodeUpdateV2(before)
  const weight = structs.length + 50
  expect(isTooHeavy(stateOf(before), weight)).toBe(false)
  expect(isTooHeavy(stateOf(before), weight - 1)).toBe(true)
  const row = Y.encodeStateAsUpdate(text)
  expect(isTooHeavy(stateOf(null, row), weight)).toBe(false)
  expect(isTooHeavy(stateOf(null, row), weight - 1)).toBe(true)
})

test('unreadable bytes weigh nothing', () => {
  expect(isTooHeavy(stateOf(garbage), 5)).toBe(false)
  expect(isTooHeavy(stateOf(null, garbage, v1), 10)).toBe(false)
  expect(isTooHeavy(stateOf(null, garbage, v1), 9)).toBe(true)
})

test('a small snapshot row that claims a million structs is detected in bounded memory', () => {
  const claim = manyInV2(2 ** 40)
  expect(claim.byteLength).toBeLessThan(60)
  expect(isTooHeavy(stateOf(claim), 1_000_000)).toBe(true)
})
