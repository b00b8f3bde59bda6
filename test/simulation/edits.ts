// Random edits, of every kind that a document knows, from a seeded stream of numbers.
import * as Y from 'yjs'
import { pickBelow } from '../harness/random.ts'

/** Changes the document somehow; sometimes the change turns out to be none. */
export function editAtRandom(doc: Y.Doc, random: () => number): void {
  const text = doc.getText('body')
  const map = doc.getMap('map')
  const array = doc.getArray('array')
  const below = (n: number) => pickBelow(random, n)
  const key = () => `key ${below(4)}`
  const edits: (() => void)[] = [
    () => text.insert(below(text.length + 1), String.fromCharCode(97 + below(26))),
    // No pair of surrogates: Yjs itself disagrees about one that is cut in two.
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
