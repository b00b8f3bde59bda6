// Random documents with every kind of content, written by several people who see some of each other's edits.
import { type FoldSources, foldToSnapshot } from 'y-electric/protocol'
import * as Y from 'yjs'

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export type Rows = FoldSources['rows']

/** Update rows of segment 0, in the order in which they were stored. */
export const asRows = (updates: readonly Uint8Array[], firstSeq = 1): Rows =>
  updates.map((data, i) => ({ seq: firstSeq + i, segment: 0, data }))

export interface RandomDocument {
  /** One update per edit, in the order in which the edits were made. */
  readonly updates: readonly Uint8Array[]
  readonly docs: readonly Y.Doc[]
}

type Random = (below: number) => number
type Edit = (doc: Y.Doc, random: Random) => void

/** `steps` edits by three people; every seed makes another document. */
export function randomDocument(seed: number, steps: number): RandomDocument {
  const chance = seededRandom(seed)
  const random: Random = (below) => Math.floor(chance() * below)
  const updates: Uint8Array[] = []
  const docs = [1, 2, 3].map((clientID) => {
    const doc = new Y.Doc({ guid: 'random', gc: random(2) === 0 })
    doc.clientID = clientID
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'sync') updates.push(update)
    })
    return doc
  })
  for (let step = 0; step < steps; step++) {
    const doc = docs[random(docs.length)]
    const other = docs[random(docs.length)]
    const edit = EDITS[random(EDITS.length)]
    if (doc === undefined || other === undefined || edit === undefined) continue
    doc.transact(() => edit(doc, random))
    if (random(3) === 0) {
      Y.applyUpdate(other, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(other)), 'sync')
    }
  }
  return { updates, docs }
}

/** The proposal of an honest compactor. */
export const honestProposal = (rows: Rows, gc = true, previous: Uint8Array | null = null) =>
  foldToSnapshot({ previous, rows }, gc)

const WORDS = ['a', 'bc', 'déf', '👩‍👩‍👧', '😀x', ' ', 'lorem ipsum']
const MARKS: readonly Record<string, unknown>[] = [
  { bold: true },
  { bold: null },
  { link: { href: 'a' } },
  { italic: {} },
]
const VALUES = [
  1,
  -0,
  'x',
  null,
  true,
  { big: 2n ** 40n },
  [1, [2]],
  { k: [null] },
  new Uint8Array([0, 255]),
]

const pick = <T>(values: readonly T[], random: Random): T => {
  const value = values[random(values.length)]
  if (value === undefined) throw new Error('nothing to pick from')
  return value
}

/** Positions between whole characters: Yjs does not handle halves of surrogate pairs well. */
function placesIn(text: Y.Text): number[] {
  const places = [0]
  for (const { insert } of text.toDelta() as { insert: unknown }[]) {
    const lengths = typeof insert === 'string' ? [...insert].map(({ length }) => length) : [1]
    for (const length of lengths) places.push((places.at(-1) ?? 0) + length)
  }
  return places
}

function editText(text: Y.Text, random: Random): void {
  const places = placesIn(text)
  const first = random(places.length)
  const at = places[first] ?? 0
  const length = (places[Math.min(places.length - 1, first + 1 + random(6))] ?? at) - at
  const kind = random(6)
  if (kind < 2 || length === 0) text.insert(at, pick(WORDS, random))
  else if (kind === 2) text.delete(at, length)
  else if (kind === 3) text.insertEmbed(at, { image: random(9) })
  else text.format(at, length, pick(MARKS, random))
}

function paragraph(random: Random): Y.XmlElement {
  const element = new Y.XmlElement(pick(['paragraph', 'heading'], random))
  element.setAttribute('level', String(random(3)))
  const text = new Y.XmlText()
  text.insert(0, pick(WORDS, random), random(2) === 0 ? { strong: {} } : {})
  element.insert(0, [text])
  return element
}

const EDITS: readonly Edit[] = [
  (doc, random) => editText(doc.getText('text'), random),
  (doc, random) => editText(doc.getText('text'), random),
  (doc, random) => {
    const map = doc.getMap('map')
    const key = `k${random(4)}`
    const kind = random(8)
    if (kind < 2) map.delete(key)
    else if (kind === 2) map.set(key, new Y.Map([['inner', random(9)]]))
    else if (kind === 3) map.set(key, new Y.Doc({ guid: `sub-${random(3)}` }))
    else map.set(key, pick(VALUES, random))
  },
  (doc, random) => {
    const array = doc.getArray<unknown>('array')
    const at = random(array.length + 1)
    if (random(3) === 0 && at < array.length) array.delete(at, 1)
    else if (random(4) === 0) array.insert(at, [new Y.Text('nested'), new Y.Array()])
    else array.insert(at, [pick(VALUES, random), pick(VALUES, random)])
  },
  (doc, random) => {
    const xml = doc.getXmlFragment('xml')
    const at = random(xml.length + 1)
    const there = xml.length > 0 ? xml.get(random(xml.length)) : undefined
    const inside = there instanceof Y.XmlElement && there.length > 0 ? there.get(0) : undefined
    const kind = random(7)
    if (inside instanceof Y.XmlText && kind < 3) editText(inside, random)
    else if (there instanceof Y.XmlElement && kind === 3) there.insert(1, [paragraph(random)])
    else if (there instanceof Y.XmlElement && kind === 4)
      there.setAttribute('id', pick(WORDS, random))
    else if (kind === 5 && xml.length > 0) xml.delete(random(xml.length), 1)
    else xml.insert(at, [paragraph(random)])
  },
]
