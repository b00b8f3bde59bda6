/**
 * The requirements for every DeviceStore, for those who write one. They are plain functions that throw, so that they run
 * in a page and under any test runner.
 */
import * as Y from 'yjs'
import type { DeviceDocument, DeviceStore, DeviceStoreChange } from '../persistence/device-store.ts'

/** Opens the document again, like another tab of the same browser. Each test needs a document of its own. */
export type OpenStore = () => Promise<DeviceStore>

const NOTHING: DeviceStoreChange = { updates: [], edits: [], settled: [] }
const commit = (store: DeviceStore, change: Partial<DeviceStoreChange>): Promise<void> =>
  store.commit({ ...NOTHING, ...change })

/** Loads the content that a new page would find, and closes the store. */
async function peek(open: OpenStore): Promise<DeviceDocument> {
  const store = await open()
  const document = await store.load()
  await store.close()
  return document
}

const resumePoint = (offset: string) => ({ segment: 3, position: { offset, handle: 'h-1' } })

/** Updates of one client, one per letter. */
function typed(text: string): Uint8Array[] {
  const doc = new Y.Doc({ guid: 'device' })
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const letter of text) doc.getText('body').insert(doc.getText('body').length, letter)
  return updates
}

function textOf(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc({ guid: 'device' })
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc.getText('body').toString()
}

const bytes = (...numbers: number[]): Uint8Array => new Uint8Array(numbers)
const edit = (batchId: string, update: Uint8Array) => ({ batchId, update })
const idsOf = ({ batches }: DeviceDocument): string[] => batches.map(({ batchId }) => batchId)

/** Throws unless both are equal as JSON; bytes as lists of numbers. */
function same(actual: unknown, expected: unknown): void {
  const print = (value: unknown) =>
    JSON.stringify(value, (_key, part) => (part instanceof Uint8Array ? [...part] : part))
  if (print(actual) !== print(expected)) {
    throw new Error(`expected ${print(expected)}, got ${print(actual)}`)
  }
}

/** A test, which rejects if the store does not meet the requirement. */
export type StoreTest = (open: OpenStore) => Promise<void>

/** All requirements, by the sentence that holds. */
export const storeTests: Readonly<Record<string, StoreTest>> = {
  'a document that was never stored is empty': async (open) => {
    const nothing = { updates: [], batches: [], resume: null, ofOthers: [] }
    same(await peek(open), nothing)
  },

  'content, edits and resume point are loaded in order': async (open) => {
    const store = await open()
    await store.load()
    const [a, b, c] = typed('abc') as [Uint8Array, Uint8Array, Uint8Array]
    await commit(store, { updates: [a, b], edits: [edit('x', b)], resume: resumePoint('1_0') })
    await commit(store, { updates: [c], edits: [edit('y', c)], resume: resumePoint('2_0') })
    await store.close()
    const { updates, batches, resume } = await peek(open)
    same(updates, [a, b, c])
    same(batches, [edit('x', b), edit('y', c)])
    same(resume, resumePoint('2_0'))
  },

  'commits that are not awaited are stored in their order': async (open) => {
    const store = await open()
    await store.load()
    const updates = Array.from({ length: 20 }, (_, i) => bytes(i))
    await Promise.all(
      updates.map((update, i) =>
        commit(store, { updates: [update], resume: resumePoint(`${i}_0`) }),
      ),
    )
    await store.close()
    const kept = await peek(open)
    same(kept.updates, updates)
    same(kept.resume, resumePoint('19_0'))
  },

  'edits of one batch are loaded as that batch': async (open) => {
    const store = await open()
    await store.load()
    const letters = typed('abcd')
    for (const [i, update] of letters.entries()) {
      await commit(store, { updates: [update], edits: [edit(i < 3 ? 'first' : 'second', update)] })
    }
    await store.close()
    const { batches } = await peek(open)
    same(
      batches.map(({ batchId }) => batchId),
      ['first', 'second'],
    )
    same(textOf(batches.slice(0, 1).map(({ update }) => update)), 'abc')
    same(textOf(batches.map(({ update }) => update)), 'abcd')
  },

  'settled batches are removed with all their edits, and no others': async (open) => {
    const store = await open()
    await store.load()
    const [a, b, c, d] = typed('abcd') as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    await commit(store, { edits: [edit('x', a), edit('y', b), edit('x', c)] })
    await commit(store, { settled: ['x', 'never stored'] })
    await commit(store, { edits: [edit('z', d)], settled: ['z'] })
    await store.close()
    same(idsOf(await peek(open)), ['y'])
  },

  'a resume point stays until another one is recorded, and null removes it': async (open) => {
    const store = await open()
    await store.load()
    await commit(store, { resume: resumePoint('5_0') })
    await commit(store, { updates: [bytes(1)] })
    same((await peek(open)).resume, resumePoint('5_0'))
    await commit(store, { resume: { segment: 4, position: null } })
    same((await peek(open)).resume, { segment: 4, position: null })
    await commit(store, { resume: null })
    same((await peek(open)).resume, null)
    await store.close()
  },

  'no page has a resume point while the content of one page has not been compared with the server':
    async (open) => {
      const [ada, bob] = [await open(), await open()]
      await Promise.all([ada.load(), bob.load()])
      await commit(ada, { updates: [bytes(1)], resume: null })
      await commit(bob, { resume: resumePoint('1_0') })
      same((await peek(open)).resume, null)
      await commit(ada, { resume: resumePoint('2_0') })
      same((await peek(open)).resume, resumePoint('2_0'))
      await commit(ada, { updates: [bytes(2)], resume: null })
      await commit(bob, { resume: resumePoint('3_0') })
      await ada.close()
      same((await peek(open)).resume, null)
      await commit(bob, { resume: resumePoint('4_0') })
      same((await peek(open)).resume, null)
      await bob.close()
      const adopter = await open()
      same((await adopter.load()).resume, null)
      await commit(adopter, { resume: resumePoint('5_0') })
      await adopter.close()
      same((await peek(open)).resume, resumePoint('5_0'))
    },

  'a whole document replaces what was loaded and committed': async (open) => {
    const first = await open()
    await first.load()
    await commit(first, { updates: [bytes(1), bytes(2)] })
    await first.close()
    const store = await open()
    await store.load()
    await commit(store, { updates: [bytes(3)] })
    await commit(store, { updates: [bytes(4)], whole: bytes(1, 2, 3, 4) })
    same((await peek(open)).updates, [bytes(1, 2, 3, 4)])
    await commit(store, { updates: [bytes(5)] })
    await commit(store, { whole: bytes(9) })
    await store.close()
    same((await peek(open)).updates, [bytes(9)])
  },

  'a whole document does not replace what another tab has written since': async (open) => {
    const [ada, bob] = [await open(), await open()]
    await ada.load()
    await commit(ada, { updates: [bytes(1)] })
    await bob.load()
    await commit(bob, { updates: [bytes(2)] })
    await commit(ada, { whole: bytes(10) })
    same((await peek(open)).updates, [bytes(2), bytes(10)])
    await commit(bob, { whole: bytes(20) })
    same((await peek(open)).updates, [bytes(10), bytes(20)])
    await Promise.all([ada.close(), bob.close()])
  },

  'edits of a closed page are adopted under their ids': async (open) => {
    const dead = await open()
    await dead.load()
    await commit(dead, { edits: [edit('x', bytes(1)), edit('y', bytes(2))] })
    await dead.close()
    const adopter = await open()
    same(idsOf(await adopter.load()), ['x', 'y'])
    same(idsOf(await peek(open)), [])
    await commit(adopter, { settled: ['x'] })
    await adopter.close()
    same(idsOf(await peek(open)), ['y'])
    same(idsOf(await peek(open)), ['y'])
  },

  'edits of an open page stay with it': async (open) => {
    const [ada, bob] = [await open(), await open()]
    const [a, b] = typed('ab') as [Uint8Array, Uint8Array]
    await ada.load()
    await commit(ada, { updates: [a], edits: [edit('x', a)] })
    const seen = await bob.load()
    same(seen.updates, [a])
    same(idsOf(seen), [])
    same(seen.ofOthers, [edit('x', a)])
    await commit(bob, { edits: [edit('y', bytes(2))], settled: ['y'] })
    await commit(ada, { edits: [edit('x', b)] })
    await bob.close()
    same(idsOf(await peek(open)), [])
    await ada.close()
    const { batches, ofOthers } = await peek(open)
    same(ofOthers, [])
    same(
      batches.map(({ batchId }) => batchId),
      ['x'],
    )
    same(textOf(batches.map(({ update }) => update)), 'ab')
  },

  'edits of a page that is closed later are adopted on request, once': async (open) => {
    const [ada, bob] = [await open(), await open()]
    await Promise.all([ada.load(), bob.load()])
    const [a, b] = typed('ab') as [Uint8Array, Uint8Array]
    await commit(ada, { updates: [a], edits: [edit('x', a), edit('x', b)] })
    await commit(bob, { edits: [edit('mine', bytes(0))] })
    const before = await bob.takeOver()
    same(before.batches, [])
    same(textOf(before.ofOthers.map(({ update }) => update)), 'ab')
    await ada.close()
    const { batches, ofOthers } = await bob.takeOver()
    same(
      batches.map(({ batchId }) => batchId),
      ['x'],
    )
    same(textOf(batches.map(({ update }) => update)), 'ab')
    same(ofOthers, [])
    same(await bob.takeOver(), { batches: [], ofOthers: [] })
    same(idsOf(await peek(open)), [])
    await commit(bob, { settled: ['x'] })
    await bob.close()
    same(idsOf(await peek(open)), ['mine'])
  },

  'edits that a page adopted before it ended are adopted again': async (open) => {
    const dead = await open()
    await dead.load()
    await commit(dead, { edits: [edit('x', bytes(1))] })
    await dead.close()
    for (let i = 0; i < 3; i++) same(idsOf(await peek(open)), ['x'])
  },

  'a closed store rejects further commits': async (open) => {
    const store = await open()
    await store.load()
    await store.close()
    const outcome = await commit(store, { updates: [bytes(1)] }).then(
      () => 'stored',
      () => 'refused',
    )
    same(outcome, 'refused')
    same((await peek(open)).updates, [])
  },

  'large content is loaded unchanged': async (open) => {
    const store = await open()
    await store.load()
    const large = new Uint8Array(3_000_000).map((_, i) => i % 251)
    await commit(store, { updates: [large] })
    await store.close()
    const [kept] = (await peek(open)).updates
    same(kept?.byteLength, large.byteLength)
    same(
      kept?.every((byte, i) => byte === i % 251),
      true,
    )
  },

  'only the bytes of a view are stored, not its whole buffer': async (open) => {
    const store = await open()
    await store.load()
    const view = new Uint8Array(new Uint8Array([0, 1, 2, 3, 4]).buffer, 1, 3)
    await commit(store, { updates: [view], edits: [edit('x', bytes(0))] })
    await store.close()
    same((await peek(open)).updates, [bytes(1, 2, 3)])
  },
}
