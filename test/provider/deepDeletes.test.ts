// An app deletes types that many rows together have nested deeper than the stack.
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId } from '../e2e/server.ts'
import { append, recorded } from '../inspect/stored.ts'
import { connected, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()

const PARTS = 25
const LEVELS = 400

test('a delete that overflows the stack is reported and sent, and later edits arrive', async () => {
  const docId = freshDocId()
  const { doc, updates } = recorded()
  let inside = doc.getMap<unknown>('map')
  for (let part = 0; part < PARTS; part++) {
    doc.transact(() => {
      for (let level = 0; level < LEVELS; level++) {
        const next = new Y.Map<unknown>()
        inside.set('in', next)
        inside = next
      }
    })
  }
  await append(setup.server.pool, docId, ...updates)

  const ada = await connected(setup.open({ docId }))
  const bob = await connected(setup.open({ docId }))
  const map = ada.doc.getMap('map')
  expect(() => map.delete('in')).toThrow(RangeError)
  expect(ada.errors.map(({ code }) => code)).toEqual(['too_deep'])
  map.set('later', 1)
  await ada.provider.whenSaved()

  await eventually(() => expect([...bob.doc.getMap('map').entries()]).toEqual([['later', 1]]))
  const joiner = await connected(setup.open({ docId }))
  expect([...joiner.doc.getMap('map').entries()]).toEqual([['later', 1]])
  bob.doc.getMap('map').set('answer', 2)
  await eventually(() => expect(map.get('answer')).toBe(2))
  expect(ada.provider.status).toBe('connected')
})
