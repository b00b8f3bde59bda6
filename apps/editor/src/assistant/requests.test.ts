import { expect, test } from 'vitest'
import * as Y from 'yjs'
import {
  addRequest,
  claimRequest,
  endRequest,
  MOST_ENDED,
  type NewRequest,
  readRequest,
  readRequests,
  requestsOf,
} from './requests.ts'

const request = (id: string, askedAt = 1): NewRequest => ({
  id,
  prompt: 'count to 3',
  asker: 'Ada',
  askedAt,
  source: 'rules',
  runner: 'run 1',
  index: 0,
  field: 'default',
})

test('a request is read as it was asked, the newest first', () => {
  const doc = new Y.Doc()
  addRequest(doc, request('a', 1))
  addRequest(doc, request('b', 2))
  expect(readRequests(doc).map(({ id }) => id)).toEqual(['b', 'a'])
  expect(readRequest(doc, 'a')).toMatchObject({
    prompt: 'count to 3',
    asker: 'Ada',
    state: 'running',
    runner: 'run 1',
    note: '',
  })
})

test('entries that another client damaged are left out, and cause no error', () => {
  const doc = new Y.Doc()
  addRequest(doc, request('sound'))
  const requests: Y.Map<unknown> = doc.getMap('y-electric:assistant')
  requests.set('text', 'x')
  requests.set('empty', new Y.Map())
  requests.set('array', new Y.Array())
  const state = new Y.Map<unknown>([
    ['prompt', 'x'],
    ['askedAt', 1],
    ['state', 'burning'],
  ])
  requests.set('state', state)
  requestsOf(doc).get('sound')?.set('writer:x', 1)
  requestsOf(doc).get('sound')?.set('writer:7', 'y')
  requestsOf(doc).get('sound')?.set('asker', { name: 'Ada' })
  expect(readRequests(doc)).toHaveLength(1)
  expect(readRequests(doc)[0]).toMatchObject({ id: 'sound', asker: '', writers: new Map() })
})

test('a request ends once, and can be undone after that', () => {
  const doc = new Y.Doc()
  addRequest(doc, request('a'))
  endRequest(doc, 'a', 'stopped', 'Stopped by Bob.')
  endRequest(doc, 'a', 'done')
  expect(readRequest(doc, 'a')).toMatchObject({ state: 'stopped', note: 'Stopped by Bob.' })
  endRequest(doc, 'a', 'undone')
  expect(readRequest(doc, 'a')?.state).toBe('undone')
  claimRequest(doc, 'a', 'run 2', 'a model')
  expect(readRequest(doc, 'a')).toMatchObject({ state: 'running', runner: 'run 2', note: '' })
})

test('a new request forgets the oldest ended ones, and none that is running', () => {
  const doc = new Y.Doc()
  addRequest(doc, request('running', 0))
  for (let at = 1; at <= MOST_ENDED + 3; at++) {
    addRequest(doc, request(`${at}`, at))
    endRequest(doc, `${at}`, 'done')
  }
  const ids = readRequests(doc).map(({ id }) => id)
  expect(ids).toHaveLength(MOST_ENDED + 1)
  expect(ids).toContain('running')
  expect(ids).not.toContain('3')
  expect(ids).toContain('4')
})
