import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { readSnapshotRow } from './snapshot-row.ts'
import { structProblem } from './struct-problems.ts'

/** A text in a snapshot row, with an embed and a format of this value. */
function snapshotWith(value: unknown): Uint8Array {
  const doc = new Y.Doc({ gc: false })
  doc.clientID = 7
  const text = doc.getText('t')
  text.insert(0, 'before')
  text.insertEmbed(6, { value } as object)
  text.insert(7, 'after', { mark: value })
  return Y.encodeStateAsUpdateV2(doc)
}

const read = (data: Uint8Array) => {
  const sound = readSnapshotRow(data)
  const doc = new Y.Doc({ gc: false })
  Y.applyUpdateV2(doc, sound.data)
  return { ...sound, doc }
}

describe('a value of an embed or a format', () => {
  test.each([
    ['a BigInt', 1n],
    ['a BigInt inside', { deep: [{ n: 1n }] }],
  ])('that Yjs v1 cannot write is read as deleted content: %s', (_, value) => {
    const { doc, problem, data } = read(snapshotWith(value))
    expect(problem).toMatch(/^7:6 holds a value that JSON cannot express, and \d more$/)
    expect(doc.getText('t').toString()).toBe('beforeafter')
    expect(() => Y.encodeStateAsUpdate(doc)).not.toThrow()
    expect(readSnapshotRow(data).problem).toBeNull()
  })

  test.each([[null], [true], ['text'], [1.5], [{ a: [1, { b: null }] }]])(
    'is kept if JSON can express it: %j',
    (value) => {
      const data = snapshotWith(value)
      const { doc, problem, data: same } = read(data)
      expect([problem, same]).toEqual([null, data])
      expect(doc.getText('t').toDelta()).toContainEqual({ insert: { value } })
    },
  )

  test('is a problem if it is undefined, which is not JSON', () => {
    const content = new Y.ContentFormat('mark', undefined as unknown as object)
    const item = new Y.Item(Y.createID(7, 0), null, null, null, null, null, null, content)
    expect(structProblem(item)).toBe('7:0 holds a value that JSON cannot express')
  })
})
