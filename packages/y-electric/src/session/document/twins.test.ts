import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { guardMapEntries } from '../../protocol/map-entries.ts'
import type { State } from '../../protocol/state-frames.ts'
import { bytes, CONTENT, item, update } from '../../protocol/testing/raw-updates.ts'
import { decodeUpdate } from '../../protocol/update-decoding.ts'
import * as judge from './twin-judge.ts'
import { Twins } from './twins.ts'

const TWIN = 4711
const NULL = bytes(126)

/** A text made by a writer with the same client id. */
function twinEdit(text: string): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = TWIN
  doc.getText('t').insert(0, text)
  return Y.encodeStateAsUpdate(doc)
}
const state = (...rows: Uint8Array[]): State => ({
  activeSegment: 0,
  snapshot: null,
  rows: rows.map((data, i) => ({ seq: i + 1, segment: 0, data })),
})

/** A document in which `[ada]` was made, and which then received an edit of another tab. */
function adaAfter(heard: Uint8Array) {
  const doc = new Y.Doc()
  doc.clientID = TWIN
  let ids = 0
  const random = () => ++ids / 100
  const twins = new Twins({ doc, clock: { random }, judge: () => judge, onError: () => {} })
  const unacked: Uint8Array[] = []
  doc.on('update', (update: Uint8Array, origin: unknown, _: Y.Doc, transaction: Y.Transaction) => {
    if (origin === 'elsewhere') return
    twins.edited(transaction)
    unacked.push(update)
  })
  doc.getText('t').insert(0, '[ada]')
  twins.hears({ update: heard, content: decodeUpdate(heard), seq: null }, () => unacked)
  Y.applyUpdate(doc, heard, 'elsewhere')
  expect(doc.getText('t').toString()).toBe('[ada] at length]')
  return { twins, unacked, doc }
}

test.each([
  ['before its row is stored', [twinEdit('<cy>')]],
  [
    'when its row comes after a third one',
    [twinEdit('<cy, for long>'), twinEdit('[bob, at length]')],
  ],
])(
  'an edit that another tab with the same client id sends is not sent from here, %s',
  (_, rows) => {
    const { twins, unacked } = adaAfter(twinEdit('[bob, at length]'))
    const parted = twins.compare(state(...rows), unacked)
    const text = parted?.doc.getText('t').toString() ?? ''
    expect(text.split('[ada]')).toHaveLength(2)
    const shown = new Y.Doc()
    for (const row of rows) Y.applyUpdate(shown, row)
    expect(text.replace('[ada]', '')).toBe(shown.getText('t').toString())
  },
)

test('an edit of an earlier page is sent again as a whole, even if the server already had it', () => {
  const doc = new Y.Doc()
  const twins = new Twins({
    doc,
    clock: { random: () => 0.5 },
    judge: () => judge,
    onError: () => {},
  })
  const mine = twinEdit('[ada, at length]')
  Y.applyUpdate(doc, mine)
  twins.sentBefore(2, mine)
  const parted = twins.compare(state(twinEdit('[bob]'), mine), [])
  expect(parted?.doc.getText('t').toString().replace('[bob]', '')).toBe('[ada, at length]')
})

test('state that lacks a row stored during the read is outdated', () => {
  const { twins } = adaAfter(twinEdit('[bob, at length]'))
  const [first, second] = [twinEdit('<cy>'), twinEdit('[ada]')]
  twins.sent(1, first)
  twins.joining()
  expect(twins.isOutdated(state())).toBe(false)
  twins.sent(2, second)
  expect(twins.isOutdated(state(first))).toBe(true)
  expect(twins.isOutdated(state(first, second))).toBe(false)
})

test('a value that the server refuses does not prevent a document from parting', () => {
  const { doc, twins, unacked } = adaAfter(twinEdit('[bob, at length]'))
  doc.getMap('m').set('settings', JSON.parse('{"__proto__": 1}'))
  const parted = twins.compare(state(twinEdit('<cy>')), unacked)
  expect(parted?.doc.getText('t').toString()).toContain('[ada]')
  expect(parted?.doc.getMap('m').has('settings')).toBe(true)
})

test('a parted document shows entries of maps as every other document does', () => {
  const entry = update([
    { client: 9, structs: [item(CONTENT.string('abc'), { parent: 'm', key: 'k' })] },
  ])
  const rest = update([{ client: 8, structs: [item(CONTENT.any(NULL), { origin: [9, 1] })] }])
  const { twins, unacked } = adaAfter(twinEdit('[bob, at length]'))
  const rows = [entry, rest, twinEdit('<cy>')]
  const parted = twins.compare(state(...rows), unacked)
  const shown = new Y.Doc()
  guardMapEntries(shown)
  for (const row of rows) Y.applyUpdate(shown, row)
  const [there, everywhere] = [parted?.doc ?? new Y.Doc(), shown].map((doc) =>
    Y.createDeleteSetFromStructStore(doc.store).clients.get(9),
  )
  expect(there).toBeDefined()
  expect(there).toEqual(everywhere)
})
