import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { idRange, noIds } from '../protocol/id-ranges.ts'
import type { State } from '../protocol/state-frames.ts'
import { mergeUpdates, splitUpdate } from '../protocol/update-encoding.ts'
import { NO_OWN_EDITS, type OwnEdits, sourcesOf } from './claims.ts'
import { structsOf } from './readable.ts'
import { bringsMoreOf } from './struct-ids.ts'
import { contradictedClients, judgeClient } from './twin.ts'

const TWIN = 4711
const twin = (): Y.Doc => {
  const doc = new Y.Doc({ guid: 'twin' })
  doc.clientID = TWIN
  return doc
}
const state = (...rows: Uint8Array[]): State => ({
  activeSegment: 0,
  snapshot: null,
  rows: rows.map((data, i) => ({ seq: i + 1, segment: 0, data })),
})
const contradicted = (doc: Y.Doc, update: Uint8Array) => [
  ...contradictedClients(doc, structsOf(update)),
]
const hiddenBy = (
  doc: Y.Doc,
  client: number,
  rows: State,
  isOwn: (seq: number) => boolean,
  own: Partial<OwnEdits> = {},
) => judgeClient(doc, client, sourcesOf(rows, isOwn), { ...NO_OWN_EDITS, ...own }, noIds()).hidden
/** Makes one edit in a document and returns it as an update. */
function editOf(doc: Y.Doc, edit: (text: Y.Text) => void): Uint8Array {
  const updates: Uint8Array[] = []
  const listen = (update: Uint8Array) => updates.push(update)
  doc.on('update', listen)
  edit(doc.getText('t'))
  doc.off('update', listen)
  return mergeUpdates(updates)
}
const rangesOf = (ids: ReturnType<typeof Y.createDeleteSet>) =>
  (ids.clients.get(TWIN) ?? []).map(({ clock, len }) => [clock, len])

type Edit = (doc: Y.Doc, at: number, size: number) => void
const EDITS: readonly Edit[] = [
  (doc, at, size) =>
    doc.getText('t').insert(at % (doc.getText('t').length + 1), 'a😀b'.repeat(size)),
  (doc, at, size) => {
    const text = doc.getText('t')
    if (text.length > 0)
      text.delete(at % text.length, Math.min(size, text.length - (at % text.length)))
  },
  (doc, at, size) => {
    const text = doc.getText('t')
    if (text.length > 0) text.format(at % text.length, 1, { bold: size % 2 === 0 })
  },
  (doc, at) => doc.getText('t').insertEmbed(at % (doc.getText('t').length + 1), { at }),
  (doc, at, size) =>
    doc.getMap('m').set(`key ${at % 3}`, size % 2 ? size : new Y.Map([['x', size]])),
  (doc, at, size) =>
    doc.getArray('a').insert(0, [at, { size, big: BigInt(size) }, null, `${size}`]),
  (doc, at) =>
    doc.getXmlFragment('x').insert(0, [at % 2 ? new Y.XmlText('y') : new Y.XmlElement('p')]),
  (doc, at) => doc.getMap('m').set('bytes', new Uint8Array([at % 256])),
  (doc, at) => doc.getMap('m').set('sub', new Y.Doc({ guid: `${at}` })),
]
const steps = fc.array(
  fc.record({
    who: fc.nat({ max: 2 }),
    edit: fc.nat({ max: EDITS.length - 1 }),
    at: fc.nat({ max: 50 }),
    size: fc.integer({ min: 1, max: 5 }),
    isSynced: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
)

test('edits that a document made or applied never contradict it, in whatever form they come back', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const docs = [
        new Y.Doc({ guid: 'twin' }),
        new Y.Doc({ guid: 'twin' }),
        new Y.Doc({ guid: 'twin', gc: false }),
      ] as const
      const updates: Uint8Array[] = []
      for (const doc of docs) {
        doc.on('update', (update: Uint8Array, origin: unknown) => {
          if (origin === null) updates.push(update)
        })
      }
      let heard = 0
      for (const { who, edit, at, size, isSynced } of list) {
        const doc = docs[who] ?? docs[0]
        doc.transact(() => EDITS[edit]?.(doc, at, size))
        if (!isSynced) continue
        for (; heard < updates.length; heard++) {
          for (const one of docs) Y.applyUpdate(one, updates[heard] ?? new Uint8Array(), 'sync')
        }
      }
      const merged = mergeUpdates([...updates, Y.encodeStateAsUpdate(docs[0])])
      for (const doc of docs) {
        for (const update of [...updates, merged, ...splitUpdate(merged, 200)]) {
          expect(contradicted(doc, update)).toEqual([])
        }
        for (const { clientID } of docs) {
          const snapshot = { seq: 0, throughSegment: 0, data: Y.encodeStateAsUpdateV2(docs[1]) }
          const all = { ...state(...updates), snapshot }
          expect(hiddenBy(doc, clientID, all, () => false)).toBeNull()
        }
      }
    }),
    { numRuns: 60 },
  )
})

describe('an update contradicts a document', () => {
  const mine = twin()
  mine.getText('t').insert(0, 'mine')

  test.each<[string, (doc: Y.Doc) => void]>([
    ['by a different text', (doc) => doc.getText('t').insert(0, 'your')],
    ['by a text with the same beginning', (doc) => doc.getText('t').insert(0, 'miles')],
    ['by a different kind of content', (doc) => doc.getText('t').insertEmbed(0, { mine: true })],
    ['by a different root', (doc) => doc.getText('other').insert(0, 'mine')],
    ['by a different key', (doc) => doc.getMap('t').set('m', 'mine')],
    [
      'by a different place',
      (doc) => {
        Y.applyUpdate(doc, Y.encodeStateAsUpdate(somebodyElse))
        doc.clientID = TWIN
        doc.getText('t').insert(1, 'mine')
      },
    ],
  ])('%s', (_, edit) => {
    const other = twin()
    edit(other)
    expect(contradicted(mine, Y.encodeStateAsUpdate(other))).toEqual([TWIN])
  })

  const somebodyElse = new Y.Doc({ guid: 'twin' })
  somebodyElse.getText('t').insert(0, 'xy')

  test('but the same text and later edits do not contradict it', () => {
    const other = twin()
    other.getText('t').insert(0, 'mine')
    other.getText('t').insert(4, ' and yours')
    const update = Y.encodeStateAsUpdate(other)
    expect(contradicted(mine, update)).toEqual([])
    expect(bringsMoreOf(mine, TWIN, structsOf(update))).toBe(true)
    expect(bringsMoreOf(other, TWIN, structsOf(update))).toBe(false)
  })
})

describe('the hidden edits', () => {
  test('are empty for the writer whose row came first', () => {
    const [ada, bob] = [twin(), twin()]
    const first = editOf(ada, (text) => text.insert(0, 'ada'))
    const second = editOf(bob, (text) => text.insert(0, 'bobby'))
    Y.applyUpdate(ada, second)
    const rows = state(first, second)
    expect(hiddenBy(ada, TWIN, rows, (seq) => seq === 1)).toBeNull()
    const hidden = hiddenBy(bob, TWIN, rows, (seq) => seq === 2)
    expect(rangesOf(hidden?.made ?? Y.createDeleteSet())).toEqual([[0, 5]])
    // The end of the edit follows the other writer's text, and would otherwise be in the
    // document twice.
    expect(rangesOf(hidden?.shown ?? Y.createDeleteSet())).toEqual([[3, 2]])
  })

  test('begin with the first hidden edit and exclude edits of the other writer', () => {
    const [ada, bob] = [twin(), twin()]
    const shared = editOf(ada, (text) => text.insert(0, 'shared'))
    Y.applyUpdate(bob, shared)
    bob.clientID = TWIN
    const first = editOf(ada, (text) => text.insert(6, 'same'))
    const hiddenOne = editOf(bob, (text) => text.insert(6, 'safe'))
    const later = editOf(ada, (text) => text.insert(10, '!!'))
    Y.applyUpdate(bob, later)
    bob.clientID = TWIN
    const unacked = editOf(bob, (text) => text.insert(0, '?'))
    const rows = state(shared, first, hiddenOne, later)
    const hidden = hiddenBy(bob, TWIN, rows, (seq) => seq === 3, { updates: [unacked] })
    expect(rangesOf(hidden?.made ?? Y.createDeleteSet())).toEqual([
      [6, 4],
      [12, 1],
    ])
    expect(rangesOf(hidden?.shown ?? Y.createDeleteSet())).toEqual([])
  })

  test('exclude the end of a row whose beginning is hidden, and keep what was made here', () => {
    const [ada, bob] = [twin(), twin()]
    const longer = editOf(bob, (text) => text.insert(0, '[from bob]'))
    const unacked = editOf(ada, (text) => text.insert(0, '[ada]'))
    Y.applyUpdate(ada, longer)
    const hidden = hiddenBy(ada, TWIN, state(longer), () => false, { updates: [unacked] })
    expect(rangesOf(hidden?.made ?? Y.createDeleteSet())).toEqual([[0, 5]])
    // The outbox does not hold it any more.
    const mine = idRange(TWIN, 0, 5)
    const known = hiddenBy(ada, TWIN, state(longer), () => false, { mine })
    expect(rangesOf(known?.made ?? Y.createDeleteSet())).toEqual([[0, 5]])
  })
})

test.each<[string, unknown]>([
  ['NaN', [Number.NaN]],
  ['the key constructor', [{ constructor: 1 }, { constructor: { constructor: null } }]],
])('a row with the value that the document has does not contradict it: %s', (_, value) => {
  const doc = twin()
  doc.getMap('m').set('key', value)
  doc.getText('t').insert(0, 'x', { mark: { constructor: [1] } })
  expect(contradicted(doc, Y.encodeStateAsUpdate(doc))).toEqual([])
  const other = twin()
  other.getMap('m').set('key', [value])
  expect(contradicted(doc, Y.encodeStateAsUpdate(other))).toEqual([TWIN])
})
