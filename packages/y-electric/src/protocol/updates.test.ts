import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { foldRows } from './fold.ts'
import { unionContent } from './id-ranges.ts'
import { anyCharacter } from './testing/any-character.ts'
import {
  contentOfDoc,
  contentOfUpdate,
  decodeUpdate,
  isEmptyUpdate,
  judgeUpdate,
} from './update-decoding.ts'
import { diffUpdate, mergeUpdates, splitUpdate } from './update-encoding.ts'

/**
 * A few documents that edit text, maps and XML and exchange some of their updates; every update in
 * order.
 */
const script = fc.array(
  fc.record({
    who: fc.nat(2),
    kind: fc.constantFrom('insert', 'delete', 'set', 'element', 'format', 'sync'),
    at: fc.nat(40),
    text: fc.string({ unit: anyCharacter, minLength: 1, maxLength: 5 }),
  }),
  { maxLength: 60 },
)
type Step = typeof script extends fc.Arbitrary<(infer T)[]> ? T : never

function run(steps: readonly Step[]) {
  const updates: Uint8Array[] = []
  const docs = [0, 1, 2].map((i) => {
    const doc = new Y.Doc({ guid: 'made' })
    doc.clientID = i + 1
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'sync') updates.push(update)
    })
    return doc
  })
  for (const step of steps) edit(docs, step)
  const whole = new Y.Doc({ guid: 'made' })
  for (const doc of docs) Y.applyUpdate(whole, Y.encodeStateAsUpdate(doc))
  return { updates, whole }
}

/** Whether a position is inside a surrogate pair. Yjs replaces both halves by U+FFFD where it cuts one. A
 * format that changes nothing cuts as well, but makes no update, so that only its own document differs. */
const cutsPair = (text: string, at: number): boolean =>
  /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(Math.max(0, at - 1), at + 1))

function edit(docs: readonly Y.Doc[], { who, kind, at, text }: Step): void {
  const doc = docs[who]
  const other = docs[(who + 1) % 3]
  if (doc === undefined || other === undefined) return
  const ytext = doc.getText('t')
  if (kind === 'insert') ytext.insert(Math.min(at, ytext.length), text)
  else if (kind === 'delete' && ytext.length > 0) ytext.delete(at % ytext.length, 1)
  else if (kind === 'set') doc.getMap('m').set(`k${at % 4}`, text)
  else if (kind === 'element') doc.getXmlFragment('x').insert(0, [new Y.XmlElement(`e${at % 3}`)])
  else if (kind === 'format' && ytext.length > 0) {
    const start = at % ytext.length
    const isCut = [start, start + 1].some((end) => cutsPair(ytext.toString(), end))
    if (!isCut) ytext.format(start, 1, { bold: at % 2 === 0 })
  } else if (kind === 'sync') Y.applyUpdate(other, Y.encodeStateAsUpdate(doc), 'sync')
}

function docOf(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc({ guid: 'made' })
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc
}

function expectSame(updates: readonly Uint8Array[], whole: Y.Doc): void {
  const doc = docOf(updates)
  expect(doc.store.pendingStructs).toBeNull()
  expect(doc.store.pendingDs).toBeNull()
  expect(Y.encodeStateAsUpdateV2(doc)).toEqual(Y.encodeStateAsUpdateV2(whole))
  expect(doc.getText('t').toDelta()).toEqual(whole.getText('t').toDelta())
  expect(doc.getMap('m').toJSON()).toEqual(whole.getMap('m').toJSON())
}

describe('merging and splitting give the same document', () => {
  test('for a merge of all updates, in any order', () => {
    fc.assert(
      fc.property(script, fc.infiniteStream(fc.nat()), (steps, random) => {
        const { updates, whole } = run(steps)
        if (updates.length === 0) return
        const shuffled = updates
          .map((update) => ({ update, key: random.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ update }) => update)
        expectSame([mergeUpdates(shuffled)], whole)
      }),
    )
  })

  test('for a merge of merged parts', () => {
    fc.assert(
      fc.property(script, fc.nat(10), (steps, size) => {
        const { updates, whole } = run(steps)
        const parts: Uint8Array[] = []
        for (let i = 0; i < updates.length; i += size + 1) {
          parts.push(mergeUpdates(updates.slice(i, i + size + 1)))
        }
        expectSame(parts, whole)
      }),
    )
  })

  test('for a split at any size, and parts respect the limit unless they are one struct', () => {
    fc.assert(
      fc.property(script, fc.integer({ min: 20, max: 200 }), (steps, max) => {
        const { whole } = run(steps)
        const parts = splitUpdate(Y.encodeStateAsUpdate(whole), max)
        expectSame(parts, whole)
        for (const part of parts.filter(({ byteLength }) => byteLength > max)) {
          const { structs, deletes } = decodeUpdate(part)
          const count = [...deletes.clients.values()].flat().length + structs.length
          expect(count).toBe(1)
        }
      }),
    )
  })

  test('a long text is cut anywhere except inside a character', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', '漢', '👩', '🏽'),
      minLength: 1,
      maxLength: 300,
    })
    fc.assert(
      fc.property(text, fc.integer({ min: 40, max: 90 }), (pasted, max) => {
        const doc = new Y.Doc({ guid: 'made' })
        doc.getText('t').insert(0, 'around')
        doc.getText('t').insert(3, pasted)
        const parts = splitUpdate(Y.encodeStateAsUpdate(doc), max)
        expectSame(parts, doc)
        for (const part of parts) expect(part.byteLength).toBeLessThanOrEqual(max)
      }),
    )
  })

  test('a diff leaves out only what is known, and the rest completes the document', () => {
    fc.assert(
      fc.property(script, fc.infiniteStream(fc.boolean()), (steps, random) => {
        const { updates, whole } = run(steps)
        const known = updates.filter(() => random.next().value)
        const content = unionContent([
          ...known.map((update) => contentOfUpdate(decodeUpdate(update))),
          // The exception: of two values of one key, every document deletes one itself, which no
          // update names.
          contentOfDoc(
            foldRows(
              { previous: null, rows: known.map((data, seq) => ({ seq, segment: 0, data })) },
              true,
            ).doc,
          ),
        ])
        const rest = diffUpdate(Y.encodeStateAsUpdate(whole), content)
        expectSame(rest === null ? known : [...known, rest], whole)
        if (known.length === updates.length) expect(rest).toBeNull()
      }),
    )
  })

  test('a typed run becomes one item', () => {
    const doc = new Y.Doc({ guid: 'made' })
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    for (let i = 0; i < 500; i++) doc.getText('t').insert(i, 'x')
    const merged = mergeUpdates(updates)
    expect(decodeUpdate(merged).structs).toHaveLength(1)
    expectSame([merged], doc)
  })
})

describe('an update is decoded only if the bytes are exactly one update', () => {
  const doc = new Y.Doc({ guid: 'made' })
  doc.getText('t').insert(0, 'hello')
  doc.getMap('m').set('k', { a: [1, null, 'é'] })
  doc.getText('t').delete(1, 2)
  const update = Y.encodeStateAsUpdate(doc)

  test('a whole update is decoded', () => {
    expect(isEmptyUpdate(decodeUpdate(update))).toBe(false)
    expect(contentOfUpdate(decodeUpdate(update))).toEqual(contentOfDoc(doc))
  })

  test('an empty update is decoded', () => {
    expect(isEmptyUpdate(decodeUpdate(Y.encodeStateAsUpdate(new Y.Doc({ guid: 'made' }))))).toBe(
      true,
    )
  })

  test('every truncated update is refused', () => {
    for (let end = 0; end < update.length; end++) {
      expect(() => decodeUpdate(update.slice(0, end)), `cut at ${end}`).toThrow()
    }
  })

  test('a truncated view into a larger buffer is refused too', () => {
    for (let end = 0; end < update.length; end++) {
      expect(() => decodeUpdate(update.subarray(0, end)), `view to ${end}`).toThrow()
    }
  })

  test('trailing bytes are refused', () => {
    expect(() => decodeUpdate(new Uint8Array([...update, 0]))).toThrow(/left over/)
  })

  test('random bytes either throw an error or decode', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          decodeUpdate(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }),
    )
  })
})

test('merging edits of two writers with one client id gives the same as applying one update after the other', () => {
  const typing = fc.array(fc.tuple(fc.boolean(), fc.string({ minLength: 1, maxLength: 5 })), {
    maxLength: 20,
  })
  fc.assert(
    fc.property(typing, (words) => {
      const rows: Uint8Array[] = []
      const twins = [new Y.Doc({ guid: 'made' }), new Y.Doc({ guid: 'made' })] as const
      for (const doc of twins) {
        doc.clientID = 4711
        doc.on('update', (update: Uint8Array) => rows.push(update))
      }
      for (const [isFirst, word] of words) {
        const text = twins[isFirst ? 0 : 1].getText('t')
        text.insert(text.length, word)
      }
      const [read, merged] = [docOf(rows), docOf(rows.length > 0 ? [mergeUpdates(rows)] : [])]
      expect(merged.getText('t').toString()).toBe(read.getText('t').toString())
      expect(Y.encodeStateAsUpdateV2(merged)).toEqual(Y.encodeStateAsUpdateV2(read))
    }),
  )
})

test('the parts of a cut update do not exceed what the server counts', () => {
  const doc = new Y.Doc()
  doc.transact(() => {
    for (let i = 0; i < 200; i++) {
      doc.getMap('m').set(`key ${i}`, { list: [[], {}], bytes: new Uint8Array(3) })
    }
  })
  const whole = Y.encodeStateAsUpdate(doc)
  const parts = splitUpdate(whole, 1_000_000, 100)
  const counted = parts.map((part) => judgeUpdate(part, { maxStructs: 1_000 }).structs)
  expect(Math.max(...counted)).toBeLessThanOrEqual(100)
  const other = new Y.Doc()
  for (const part of parts) Y.applyUpdate(other, part)
  expect(other.getMap('m').toJSON()).toEqual(doc.getMap('m').toJSON())
})
