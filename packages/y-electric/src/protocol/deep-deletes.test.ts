import { afterEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { applyRow } from './applying.ts'
import { guardDeepDeletes } from './deep-deletes.ts'

/** Four times what exceeds the stack of Node: Yjs uses several frames for each level. */
const LEVELS = 20_000

const NESTS: Readonly<Record<string, (doc: Y.Doc) => void>> = {
  maps: (doc) => {
    let inside = doc.getMap<Y.Map<unknown>>('root') as Y.Map<unknown>
    for (let i = 0; i < LEVELS; i++) {
      const next = new Y.Map<unknown>()
      inside.set('in', next)
      inside = next
    }
    inside.set('leaf', 'value')
  },
  arrays: (doc) => {
    let inside = new Y.Array<unknown>()
    doc.getMap('root').set('in', inside)
    for (let i = 0; i < LEVELS; i++) {
      const next = new Y.Array<unknown>()
      inside.insert(0, ['before', next, 'after'])
      inside = next
    }
  },
  elements: (doc) => {
    let inside = new Y.XmlElement('quote')
    doc.getMap('root').set('in', inside)
    for (let i = 0; i < LEVELS; i++) {
      const next = new Y.XmlElement('quote')
      inside.insert(0, [next])
      inside = next
    }
    inside.insert(0, [new Y.XmlText('words')])
  },
}

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A document with the guard, and what its listeners receive. */
function guarded(nest: (doc: Y.Doc) => void) {
  const doc = new Y.Doc({ guid: 'deep' })
  doc.transact(() => nest(doc))
  const before = Y.encodeStateAsUpdate(doc)
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  const onUnfinished = vi.fn()
  ends.push(guardDeepDeletes(doc, onUnfinished))
  return { doc, before, updates, onUnfinished }
}

describe.each(Object.keys(NESTS))(
  'a delete of %s that are nested deeper than the stack',
  (name) => {
    const nest = NESTS[name] as (doc: Y.Doc) => void

    test('makes plain Yjs throw, and report no later edit (the fault exists)', () => {
      const doc = new Y.Doc({ guid: 'deep' })
      doc.transact(() => nest(doc))
      const onUpdate = vi.fn()
      doc.on('update', onUpdate)
      expect(() => doc.getMap('root').delete('in')).toThrow()
      doc.getMap('later').set('key', 'value')
      expect(onUpdate).not.toHaveBeenCalled()
    })

    test('is finished, and every edit is reported', () => {
      const { doc, before, updates, onUnfinished } = guarded(nest)
      expect(() => doc.getMap('root').delete('in')).toThrow(RangeError)
      expect(onUnfinished).toHaveBeenCalledOnce()
      expect(doc.gc).toBe(true)
      doc.getMap('later').set('key', 'value')
      expect(doc.getMap('root').toJSON()).toEqual({})

      const other = new Y.Doc({ guid: 'other', gc: false })
      for (const update of [before, ...updates]) applyRow(other, update)
      expect(other.getMap('root').size).toBe(0)
      expect(other.getMap('later').toJSON()).toEqual({ key: 'value' })
      const alive = [...other.store.clients.values()].flat().filter(({ deleted }) => !deleted)
      expect(alive).toHaveLength(1)
    })
  },
)

test('an ordinary delete is left to Yjs, with its garbage collection', () => {
  const { doc, updates, onUnfinished } = guarded((made) => {
    const list = new Y.Array<Y.Map<string>>()
    made.getMap('root').set('in', list)
    for (let i = 0; i < 2_000; i++) list.push([new Y.Map([['key', 'value']])])
  })
  doc.getMap('root').delete('in')
  expect(onUnfinished).not.toHaveBeenCalled()
  expect(updates).toHaveLength(1)
  const items = [...doc.store.clients.values()].flat().filter((struct) => struct instanceof Y.Item)
  expect(items.length).toBeLessThan(3)
})

test('a document that keeps its history keeps it', () => {
  const doc = new Y.Doc({ guid: 'deep', gc: false })
  ends.push(guardDeepDeletes(doc, () => {}))
  doc.transact(() => NESTS.maps?.(doc))
  expect(() => doc.getMap('root').delete('in')).toThrow(RangeError)
  expect(doc.gc).toBe(false)
})
