// Random edits of every kind that a document supports, from a seeded stream of numbers.
import * as Y from 'yjs'
import { pickBelow } from '../harness/random.ts'

/** Makes a random change, which may have no effect. */
export function editAtRandom(doc: Y.Doc, random: () => number): void {
  const text = doc.getText('body')
  const map = doc.getMap('map')
  const array = doc.getArray('array')
  const below = (n: number) => pickBelow(random, n)
  const key = () => `key ${below(4)}`
  const edits: (() => void)[] = [
    () => text.insert(below(text.length + 1), String.fromCharCode(97 + below(26))),
    // The text has no surrogate pairs, since clients of Yjs disagree about a pair that is cut in two.
    () => text.insert(below(text.length + 1), 'several wörds 日本語 '.slice(0, 1 + below(16))),
    () => text.insert(below(text.length + 1), 'b', { bold: true }),
    () => text.delete(...range(text.length, below)),
    () => text.format(...range(text.length, below), { bold: random() < 0.5 ? true : null }),
    () => map.set(key(), below(1_000)),
    () => map.set(key(), new Y.Map([['nested', below(10)]])),
    () => map.delete(key()),
    () => array.insert(below(array.length + 1), [below(100), { a: below(10) }]),
    () => array.delete(...range(array.length, below)),
  ]
  doc.transact(() => {
    for (let left = 1 + below(3); left > 0; left--) edits[below(edits.length)]?.()
  })
}

const range = (length: number, below: (n: number) => number): [from: number, length: number] => {
  const from = below(length + 1)
  return [from, Math.min(below(4), length - from)]
}

/** The rows of three clients that edit at random, and receive some edits of the others. */
export function historyAtRandom(random: () => number, length: number): Uint8Array[] {
  const rows: Uint8Array[] = []
  const docs = [1, 2, 3].map((clientID) => {
    const doc = new Y.Doc({ guid: 'edited' })
    doc.clientID = clientID
    doc.on('update', (row: Uint8Array, origin: unknown) => {
      if (origin !== 'sync') rows.push(row)
    })
    return doc
  })
  while (rows.length < length) {
    const [doc, other] = [0, 1].map(() => docs[pickBelow(random, docs.length)])
    if (doc === undefined || other === undefined) continue
    editAtRandom(doc, random)
    if (random() < 0.4) Y.applyUpdate(other, Y.encodeStateAsUpdate(doc), 'sync')
  }
  return rows
}
