import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { MAX_TYPE_DEPTH } from '../protocol/soundness.ts'
import { type CheckedStore, checkedPersistence } from './checked-store.ts'
import type { DeviceDocument, DeviceStore, DeviceStoreChange, Persistence } from './device-store.ts'
import { openMemory as memory } from './memory.ts'

const NOTHING: DeviceStoreChange = { updates: [], edits: [], settled: [] }
const point = (offset: string) => ({ segment: 2, position: { offset, handle: 'h-1' } })
const WORDS = ['alpha ', 'beta ', 'gamma ']
const typed = (() => {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const word of WORDS) doc.getText('t').insert(doc.getText('t').length, word)
  return updates as [Uint8Array, Uint8Array, Uint8Array]
})()
const [alpha, beta, gamma] = typed
const whole = Y.mergeUpdates(typed)

/** A device whose store returns what `damage` makes of its data. */
function setup(device: Persistence = memory()) {
  let pages = 0
  let damage = (document: DeviceDocument): unknown => document
  const damaged: Persistence = {
    async open(key, onLost) {
      const inner = await device.open(key, onLost)
      const load = async () => damage(await inner.load()) as DeviceDocument
      return { ...bound(inner), load }
    },
  }
  const checked = checkedPersistence(damaged, () => `page ${++pages}`)
  const open = () => checked.open('key', () => {})
  return {
    open,
    async load() {
      const store = await open()
      const document = await store.load()
      await store.close()
      return document
    },
    damage: (how: typeof damage) => {
      damage = how
    },
  }
}
const bound = (store: DeviceStore): DeviceStore => ({
  load: () => store.load(),
  commit: (change) => store.commit(change),
  takeOver: () => store.takeOver(),
  close: () => store.close(),
})
const commit = (store: CheckedStore, change: Partial<DeviceStoreChange>) =>
  store.commit({ ...NOTHING, ...change })
const edit = (batchId: string, update: Uint8Array, madeAt?: number) => ({
  batchId,
  update,
  ...(madeAt === undefined ? {} : { madeAt }),
})

/** Two words are saved and before the resume point, the third is unsent. */
async function written() {
  const one = setup()
  const store = await one.open()
  await store.load()
  await commit(store, { updates: [alpha], edits: [edit('a', alpha)] })
  await commit(store, { updates: [beta], settled: ['a'] })
  await commit(store, { resume: point('5_0') })
  await commit(store, { updates: [gamma], edits: [edit('c', gamma, 7)] })
  await store.close()
  return one
}

describe('a store that returns what it was given', () => {
  test('is trusted: content, edits and resume point are unchanged', async () => {
    const { load } = await written()
    expect(await load()).toEqual({
      updates: [alpha, beta, gamma],
      batches: [edit('c', gamma, 7)],
      resume: point('5_0'),
      ofOthers: [],
      damage: [],
    })
  })

  test('is trusted, whatever other pages do at the same time', async () => {
    const { open, load } = setup()
    const [ada, bob] = [await open(), await open()]
    await ada.load()
    await commit(ada, { updates: [alpha], edits: [edit('a', alpha)], resume: point('1_0') })
    await bob.load()
    await commit(bob, { whole: alpha, resume: point('2_0') })
    await commit(ada, { updates: [beta], edits: [edit('b', beta)] })
    await commit(ada, { settled: ['a'], resume: point('3_0') })
    await commit(bob, { whole: alpha })
    await commit(ada, { settled: ['b'], resume: point('4_0') })
    expect((await load()).damage).toEqual([])
    await commit(ada, { whole: Y.mergeUpdates([alpha, beta]) })
    await Promise.all([ada.close(), bob.close()])
    expect(await load()).toMatchObject({ resume: point('4_0'), damage: [] })
  })

  test('is trusted after a page adopted edits of another page without having read its last records', async () => {
    const { open, load } = setup()
    const [ada, bob] = [await open(), await open()]
    await Promise.all([ada.load(), bob.load()])
    await commit(ada, { updates: [alpha], edits: [edit('a', alpha)] })
    await ada.close()
    expect((await bob.takeOver()).batches).toEqual([edit('a', alpha)])
    await commit(bob, { settled: ['a'] })
    await commit(bob, { whole: alpha, resume: point('9_0') })
    await bob.close()
    expect(await load()).toMatchObject({ batches: [], resume: point('9_0'), damage: [] })
  })

  test('returns the edits of one batch as that batch and removes them together', async () => {
    const { open, load } = setup()
    const store = await open()
    await store.load()
    await commit(store, { updates: typed, edits: typed.map((update) => edit('all', update)) })
    await store.close()
    const again = await open()
    const { batches } = await again.load()
    expect(batches.map(({ batchId }) => batchId)).toEqual(['all'])
    expect(batches.map(({ update }) => textOf(update))).toEqual([WORDS.join('')])
    await commit(again, { settled: ['all'] })
    await again.close()
    expect(await load()).toMatchObject({ batches: [], damage: [] })
  })
})

describe('an edit that the server does not take', () => {
  const setting = (value: unknown) => (doc: Y.Doc) => doc.getMap('m').set('settings', value)
  const manyTypes = (doc: Y.Doc) => {
    let list = doc.getArray<unknown>('a')
    for (let depth = 0; depth <= MAX_TYPE_DEPTH + 1; depth++) {
      const inner = new Y.Array<unknown>()
      list.insert(0, [inner])
      list = inner
    }
  }
  const REFUSED: Record<string, (doc: Y.Doc) => void> = {
    'a key __proto__': setting(JSON.parse('{"__proto__": {"a": 1}}')),
    'too many levels of a value': setting(JSON.parse(`${'['.repeat(300)}${']'.repeat(300)}`)),
  }
  const edited = (make: (doc: Y.Doc) => void) => {
    const doc = new Y.Doc()
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    doc.getText('t').insert(0, 'before')
    doc.transact(() => make(doc))
    doc.getText('t').insert(6, ' and after')
    return { updates, whole: Y.encodeStateAsUpdate(doc) }
  }
  const loadedText = ({ updates, batches }: DeviceDocument) => {
    const doc = new Y.Doc()
    for (const update of [...updates, ...batches.map((batch) => batch.update)])
      Y.applyUpdate(doc, update)
    return { text: doc.getText('t').toString(), has: doc.getMap('m').has('settings') }
  }

  test.each(Object.entries(REFUSED))(
    'is not reported as damage while it is unsent: %s',
    async (_, make) => {
      const { updates, whole } = edited(make)
      const { open, load } = setup()
      const store = await open()
      await store.load()
      await commit(store, { updates, edits: updates.map((update) => edit('all', update)) })
      expect(await load()).toMatchObject({ damage: [] })
      await commit(store, { whole })
      await store.close()
      const document = await load()
      expect(document.damage).toEqual([])
      expect(loadedText(document)).toEqual({ text: 'before and after', has: true })
    },
  )

  test.each(Object.entries(REFUSED))(
    'removes nothing else once it has left the outbox: %s',
    async (_, make) => {
      const { whole } = edited(make)
      const { open, load } = setup()
      const store = await open()
      await store.load()
      await commit(store, { whole })
      await store.close()
      const document = await load()
      expect(document.damage).toHaveLength(1)
      expect(loadedText(document)).toMatchObject({ text: 'before', has: false })
      const doc = new Y.Doc()
      for (const update of document.updates) Y.applyUpdate(doc, update)
      // The rest is pending, as in every other client, and is kept.
      expect(doc.store.pendingStructs).not.toBeNull()
    },
  )

  test('a document that is nested more deeply than any of its rows is whole', async () => {
    const { whole } = edited(manyTypes)
    const { open, load } = setup()
    const store = await open()
    await store.load()
    await commit(store, { whole })
    await store.close()
    expect(await load()).toMatchObject({ updates: [whole], damage: [] })
  })
})

const textOf = (update: Uint8Array) => {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  return doc.getText('t').toString()
}

const DAMAGE: Record<string, (document: DeviceDocument) => unknown> = {
  'the first update is missing': (kept) => ({ ...kept, updates: kept.updates.slice(1) }),
  'an update in the middle is missing': (kept) => ({
    ...kept,
    updates: kept.updates.filter((_, i) => i !== 1),
  }),
  'all updates are missing': (kept) => ({ ...kept, updates: [] }),
  'the list of updates is missing': ({ updates: _, ...kept }) => kept,
  'the list of updates is null': (kept) => ({ ...kept, updates: null }),
  'an update is null': (kept) => ({ ...kept, updates: [null, ...kept.updates.slice(1)] }),
  'an update is text': (kept) => ({ ...kept, updates: ['abc', ...kept.updates.slice(1)] }),
  'an update is empty': (kept) => ({
    ...kept,
    updates: [new Uint8Array(), ...kept.updates.slice(1)],
  }),
  'an update is cut short': (kept) => ({
    ...kept,
    updates: kept.updates.map((update, i) => (i === 2 ? update.slice(0, -1) : update)),
  }),
  'a byte of an update is flipped': (kept) => ({
    ...kept,
    updates: kept.updates.map((update, i) =>
      i === 0 ? update.map((byte, at) => (at === update.length - 2 ? byte ^ 1 : byte)) : update,
    ),
  }),
  'the list of edits is missing': (kept) => ({ ...kept, batches: [] }),
  'an edit is null': (kept) => ({ ...kept, batches: [null] }),
  'an edit is cut short': (kept) => ({
    ...kept,
    batches: kept.batches.map((batch) => ({ ...batch, update: batch.update.slice(1) })),
  }),
  'an edit has no bytes': (kept) => ({
    ...kept,
    batches: kept.batches.map(({ batchId }) => ({ batchId })),
  }),
  'an edit holds what is an update': (kept) => ({
    ...kept,
    batches: kept.batches.map((batch) => ({ ...batch, update: kept.updates[0] })),
  }),
  'the resume point is text': (kept) => ({ ...kept, resume: 'nonsense' }),
  'the resume point is another': (kept) => ({
    ...kept,
    resume: { ...kept.resume, ...point('6_0') },
  }),
  'the resume point has lost its proof': (kept) => ({ ...kept, resume: point('5_0') }),
  'the resume point has another segment': (kept) => ({
    ...kept,
    resume: { ...kept.resume, segment: 3 },
  }),
}

describe('a store that does not return what it was given', () => {
  test.each(Object.entries(DAMAGE))('is not trusted when %s', async (_, how) => {
    const { load, damage } = await written()
    damage(how)
    const { resume, damage: named, updates, batches } = await load()
    expect(named).not.toEqual([])
    expect(resume).toBeNull()
    for (const update of [...updates, ...batches.map((batch) => batch.update)]) {
      expect([alpha, beta, gamma]).toContainEqual(update)
    }
  })

  test('loads without damage once it has been rewritten', async () => {
    const { open, load, damage } = await written()
    damage((kept) => ({ ...kept, updates: [null, ...kept.updates.slice(1)], batches: ['?'] }))
    const store = await open()
    await store.load()
    await commit(store, { whole: whole, settled: ['c'], resume: point('8_0') })
    await store.close()
    damage((kept) => kept)
    expect(await load()).toEqual({
      updates: [whole],
      batches: [],
      resume: point('8_0'),
      ofOthers: [],
      damage: [],
    })
  })

  test('loads without damage once it has been rewritten, even if the page whose record was lost writes on', async () => {
    const { open, load, damage } = setup()
    const [ada, bob] = [await open(), await open()]
    await ada.load()
    await commit(ada, { updates: [alpha] })
    await commit(ada, { updates: [beta], resume: point('5_0') })
    damage((kept) => ({ ...kept, updates: kept.updates.slice(0, 1) }))
    expect(await bob.load()).toMatchObject({ damage: ['stored updates are missing'] })
    await commit(bob, { whole: Y.mergeUpdates([alpha, beta]), resume: point('5_0') })
    // The record that bob did not see is in the store of this test, but not on a damaged disk.
    damage((kept) => ({ ...kept, updates: kept.updates.slice(-2) }))
    await commit(ada, { updates: [gamma] })
    expect(await load()).toMatchObject({ damage: [], resume: point('5_0') })
  })

  test('reports the unreadable edits of pages that are gone', async () => {
    const device = memory()
    const { open } = setup({
      async open(key, onLost) {
        const inner = await device.open(key, onLost)
        const takeOver = async () => {
          const { batches, ofOthers } = await inner.takeOver()
          const cut = batches.map((one, i) => (i === 0 ? { ...one, update: alpha.slice(2) } : one))
          return { batches: cut, ofOthers }
        }
        return { ...bound(inner), takeOver }
      },
    })
    const [ada, bob] = [await open(), await open()]
    await Promise.all([ada.load(), bob.load()])
    await commit(ada, { edits: [edit('a', alpha), edit('b', beta)] })
    await ada.close()
    const { batches, damage } = await bob.takeOver()
    expect(batches).toEqual([edit('b', beta)])
    expect(damage).toHaveLength(1)
  })
})

describe('a store of an earlier version', () => {
  const earlier = async (change: Partial<DeviceStoreChange>) => {
    const device = memory()
    const store = await device.open('key', () => {})
    await store.load()
    await store.commit({ ...NOTHING, ...change })
    await store.close()
    return setup(device)
  }

  test('loads everything except its resume point and is not reported as damaged', async () => {
    const { load } = await earlier({
      updates: [alpha, beta],
      edits: [edit('a', alpha, 3), edit('a', beta, 2)],
      resume: point('1_0'),
    })
    const { batches, ...kept } = await load()
    expect(kept).toEqual({
      updates: [alpha, beta],
      resume: null,
      ofOthers: [],
      damage: [],
    })
    expect(batches).toMatchObject([{ batchId: 'a', madeAt: 2 }])
    expect(batches.map(({ update }) => textOf(update))).toEqual(['alpha beta '])
  })

  test('is damaged if one of its updates or edits is invalid', async () => {
    const { load } = await earlier({
      updates: [alpha.slice(0, -3), beta],
      edits: [edit('a', alpha), edit('a', beta.slice(3))],
      resume: point('1_0'),
    })
    const { updates, batches, damage } = await load()
    expect(updates).toEqual([beta])
    expect(batches).toEqual([edit('a', alpha)])
    expect(damage).toHaveLength(2)
  })
})
