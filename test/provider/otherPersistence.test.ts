// The app has another persistence of the document beside ours, such as y-indexeddb. It loads edits that other pages of
// the browser have not sent yet, and this page may send them first. Yjs deletes some of them while it loads them, such as
// a map entry that loses to another one, and collects what they hold. This page may also delete what it has loaded.
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { freshDocId } from '../e2e/server.ts'
import { connected, type GatedClient, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()

/** Loads as another persistence does: its transactions are not local, and their origin is not that of the provider. */
const load = (into: GatedClient, from: GatedClient) =>
  Y.applyUpdate(into.doc, Y.encodeStateAsUpdate(from.doc), 'another persistence')

const nested = (text: string) =>
  Y.Array.from<Nested>([new Y.Text(text), new Y.Map([['key', text]])])
const map = (doc: Y.Doc) => doc.getMap<Y.Array<Nested> | string>('map')
const list = (doc: Y.Doc) => doc.getArray<Y.Text>('list')

type Nested = Y.Text | Y.Map<string>
type Edit = (doc: Y.Doc) => void

/** The edits of three pages. The third page loads those of the others, in either order, before anybody sends any. */
interface Scenario {
  readonly shared?: Edit
  readonly ada: Edit
  readonly bob: Edit
  readonly carol?: Edit
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'entries of one map': {
    ada: (doc) => map(doc).set('key', 'of ada'),
    bob: (doc) => map(doc).set('key', 'of bob'),
  },
  'entries of one map that hold types': {
    ada: (doc) => map(doc).set('key', nested('of ada')),
    bob: (doc) => map(doc).set('key', nested('of bob')),
  },
  'entries of one map that are set again': {
    ada: (doc) => map(doc).set('key', nested('of ada')),
    bob: (doc) => map(doc).set('key', nested('of bob')),
    carol: (doc) => map(doc).set('key', 'of carol'),
  },
  'several values of one entry': {
    ada(doc) {
      map(doc).set('key', nested('of ada'))
      map(doc).set('key', nested('of ada again'))
    },
    bob(doc) {
      map(doc).set('key', nested('of bob'))
      map(doc).set('key', 'of bob again')
    },
  },
  'text in a type that another page deletes': {
    shared: (doc) => list(doc).push([new Y.Text('shared')]),
    ada: (doc) => list(doc).get(0).insert(3, 'of ada'),
    bob: (doc) => list(doc).delete(0, 1),
  },
  'text that this page deletes': {
    ada: (doc) => doc.getText('text').insert(0, 'written by ada'),
    bob: (doc) => doc.getText('text').insert(0, 'written by bob'),
    carol: (doc) => doc.getText('text').delete(3, 14),
  },
  'types that this page deletes': {
    ada: (doc) => list(doc).push([new Y.Text('one'), new Y.Text('two')]),
    bob: (doc) => list(doc).push([new Y.Text('three'), new Y.Text('four')]),
    carol: (doc) => list(doc).delete(1, 2),
  },
}

const CASES = Object.keys(SCENARIOS).flatMap((name) =>
  [
    [1, 2],
    [2, 1],
  ].flatMap((ids) => ['ada', 'bob'].map((first) => [name, ids, first] as const)),
)

test.each(CASES)(
  'unsent edits that another page loads and sends first cause no conflict: %s, ids %o, %s first',
  async (name, ids, first) => {
    const {
      shared,
      ada: adaWrites,
      bob: bobWrites,
      carol: carolWrites,
    } = SCENARIOS[name] as Scenario
    const docId = freshDocId()
    const [ada, bob, carol] = [setup.open({ docId }), setup.open({ docId }), setup.open({ docId })]
    for (const [i, one] of [ada, bob].entries()) one.doc.clientID = ids[i] ?? 0
    const all = [ada, bob, carol]
    await Promise.all(all.map(connected))
    shared?.(carol.doc)
    await setup.converged(...all)

    const posts = [ada, bob].map(({ gate }) => gate.hold('updates'))
    carol.provider.disconnect()
    adaWrites(ada.doc)
    bobWrites(bob.doc)
    await Promise.all(posts.map(({ arrived }) => arrived))
    for (const one of first === 'ada' ? [ada, bob] : [bob, ada]) load(carol, one)
    carolWrites?.(carol.doc)
    carol.provider.connect()
    await carol.provider.whenSaved()
    for (const post of posts) post.release()
    const late = await connected(setup.open({ docId }))
    await setup.converged(...all, late)
    expect(all.flatMap(({ errors }) => errors)).toEqual([])
  },
)
