import { expect, test } from 'vitest'
import * as Y from 'yjs'
import type { State } from '../protocol/state-frames.ts'
import { OwnEditsLog } from './own-edits.ts'

function textOf(client: number, text: string): Uint8Array {
  const doc = new Y.Doc({ guid: 'made' })
  doc.clientID = client
  doc.getText('t').insert(0, text)
  return Y.encodeStateAsUpdate(doc)
}
const state = (...rows: State['rows']): State => ({ activeSegment: 0, snapshot: null, rows })

test('a batch that the server already had is remembered until the next state, and then as a row', () => {
  const log = new OwnEditsLog()
  const [mine, others] = [textOf(1, 'mine'), textOf(1, 'yours')]
  log.sentBefore(7, mine)
  log.sentBefore(8, mine)
  expect(log.edits([]).updates).toEqual([mine, mine])
  log.joining()
  log.settled(state({ seq: 7, segment: 0, data: mine }, { seq: 8, segment: 0, data: others }))
  expect(log.edits([]).updates).toEqual([])
  expect(log.isOwnRow(7, mine, [])).toBe(true)
  expect(log.isOwnRow(8, others, [])).toBe(false)
  expect(log.mine.clients.get(1)).toEqual([{ clock: 0, len: 4 }])
})

test('only a limited number of rows is remembered, but the ids of all', () => {
  const log = new OwnEditsLog(2)
  for (const seq of [1, 2, 3]) log.sent(seq, textOf(seq, 'text'))
  expect([1, 2, 3].map((seq) => log.isOwnRow(seq, textOf(seq, 'text'), []))).toEqual([
    false,
    true,
    true,
  ])
  expect(log.edits([]).updates).toHaveLength(2)
  expect([...log.mine.clients.keys()]).toEqual([1, 2, 3])
})

test('only the row that the ack names is own if another row has the same bytes', () => {
  const log = new OwnEditsLog()
  const update = textOf(1, 'h')
  const { structs } = Y.decodeUpdate(update)
  log.edited(1, { beforeState: new Map(), afterState: new Map([[1, 1]]) }, Y.createDeleteSet())
  expect(log.arrived(1, { update, structs }, () => [update])).toBe(true)
  log.sent(2, update)
  expect(log.isOwnRow(1, update, [])).toBe(false)
  expect(log.edits([]).taken.clients.get(1)).toEqual([{ clock: 0, len: 1 }])
  expect(log.edits([]).shown.clients.size).toBe(0)
})
