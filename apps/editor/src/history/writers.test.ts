import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { clientsSince, namesAmong, namesOf } from './writers.ts'

test('the clients that wrote since a state are those with newer edits', () => {
  const doc = new Y.Doc()
  doc.clientID = 1
  doc.getText('t').insert(0, 'a')
  const older = Y.encodeStateAsUpdate(doc)
  expect(clientsSince(doc, older)).toEqual([])
  const other = new Y.Doc()
  other.clientID = 2
  other.getText('t').insert(0, 'b')
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other))
  expect(clientsSince(doc, older)).toEqual([2])
  doc.getText('t').insert(0, 'c')
  expect(clientsSince(doc, older).sort()).toEqual([1, 2])
})

test('the server’s names come before those seen here, and a user without a name is called as the server does', () => {
  const kept = (clientId: number, name: string | null, user: string | null, trusted: boolean) => ({
    clientId,
    name,
    user,
    trusted,
    notedAt: '2026-01-01T00:00:00Z',
  })
  const seen = new Map([
    [1, 'Seen 1'],
    [4, 'Seen 4'],
  ])
  const checked = [
    kept(1, 'Ada', 'ada', true),
    kept(2, null, 'bob', false),
    kept(3, null, null, false),
  ]
  expect(namesAmong(checked, seen)).toEqual({
    names: new Map([
      [1, 'Ada'],
      [4, 'Seen 4'],
      [2, 'bob'],
    ]),
    areChecked: true,
  })
  expect(namesAmong([kept(1, 'Says\u202eAda', null, false)], seen)).toMatchObject({
    names: new Map([
      [1, 'Says Ada'],
      [4, 'Seen 4'],
    ]),
    areChecked: false,
  })
})

test('writers are named once, and those without a name are counted', () => {
  const known = new Map([
    [1, 'Ada'],
    [2, 'Ada'],
    [3, 'Bob'],
  ])
  expect(namesOf([1, 2, 3], known)).toEqual(['Ada', 'Bob'])
  expect(namesOf([3, 8], known)).toEqual(['Bob', 'somebody else'])
  expect(namesOf([8, 9], known)).toEqual(['2 others'])
})
