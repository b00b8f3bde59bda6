import { describe, expect, test } from 'vitest'
import { foldRows } from 'y-electric/protocol'
import * as Y from 'yjs'
import { isDeep } from '../../../../test/harness/deep.ts'
import { checkFold, isOwnFold } from './check.ts'
import {
  asRows,
  honestProposal,
  type Rows,
  randomDocument,
  seededRandom,
} from './testing/documents.ts'
import { changed, cut, type Parts } from './testing/encoder.ts'

const SEED = Number(process.env.Y_ELECTRIC_SEED ?? 1)
const RUNS = isDeep ? 2_000 : 10

/** The rows of the document of a seed, made once for all tests. */
const made = new Map<number, Rows>()
function rowsOf(seed: number, steps: number): Rows {
  const rows = made.get(seed) ?? asRows(randomDocument(seed, steps).updates)
  made.set(seed, rows)
  return rows
}

/** Runs `check` on many documents; a failure names the document. */
function onRandomDocuments(check: (rows: Rows, random: () => number) => void): void {
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    const random = seededRandom(seed)
    try {
      check(rowsOf(seed, 10 + Math.floor(random() * 40)), random)
    } catch (error) {
      throw new Error(`seed ${seed}; again: Y_ELECTRIC_SEED=${seed}`, { cause: error })
    }
  }
}

const shuffle = <T>(values: readonly T[], random: () => number): T[] =>
  values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value)

/** Applied in one transaction, because Yjs cleans up formatting after a remote transaction. */
function docOf(updates: readonly Uint8Array[], gc: boolean): Y.Doc {
  const doc = new Y.Doc({ guid: 'made', gc })
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update)
  })
  return doc
}

/** The document after garbage collection: the same bytes for the same document. */
function canonical(snapshot: Uint8Array): Uint8Array {
  const doc = new Y.Doc({ guid: 'made' })
  doc.transact(() => Y.applyUpdateV2(doc, snapshot))
  const bytes = Y.encodeStateAsUpdateV2(doc)
  doc.destroy()
  return bytes
}

/** The garbage-collected document of the rows, made once for each list of rows. */
const honest = new WeakMap<Rows, Uint8Array>()
function honestCanonical(rows: Rows): Uint8Array {
  const bytes = honest.get(rows) ?? canonical(honestProposal(rows))
  honest.set(rows, bytes)
  return bytes
}

/** Compares bytes: `toEqual` compares each of them as a value, which is slow. */
function expectSame(one: Uint8Array, other: Uint8Array): void {
  expect(Buffer.from(one).toString('base64')).toBe(Buffer.from(other).toString('base64'))
}

const accepted = (rows: Rows, proposal: Uint8Array, previous: Uint8Array | null = null) => {
  const verdict = checkFold({ previous, rows }, proposal)
  if (verdict.type === 'different') throw new Error(`refused: ${verdict.difference}`)
  return verdict
}

/** The content of every id, including deleted ones. */
function contents(doc: Y.Doc): string[] {
  const structs = [...doc.store.clients.values()].flat()
  return structs
    .flatMap((struct) => {
      const { client, clock } = struct.id
      if (!(struct instanceof Y.Item)) return [`${client}:${clock} ${struct.length} collected`]
      const values = struct.content.isCountable() ? struct.content.getContent() : []
      const kind = struct.content.constructor.name
      return Array.from(
        { length: struct.length },
        (_, i) =>
          `${client}:${clock + i} ${kind} ${typeof values[i] === 'string' ? values[i] : ''}`,
      )
    })
    .sort()
}

describe('on random documents', () => {
  test('a fold has the content and deletes of the rows and no others, in any order of the rows', () => {
    onRandomDocuments((rows, random) => {
      const { doc, carried } = foldRows({ previous: null, rows: shuffle(rows, random) }, false)
      expect(carried).toEqual([])
      const vector = Y.decodeStateVector(Y.encodeStateVector(doc))
      const merged = Y.encodeStateVectorFromUpdate(Y.mergeUpdates(rows.map(({ data }) => data)))
      expect(vector).toEqual(Y.decodeStateVector(merged))
      const deletes = Y.mergeDeleteSets(rows.map(({ data }) => Y.decodeUpdate(data).ds))
      for (const struct of [...doc.store.clients.values()].flat()) {
        const isNamed = Y.isDeleted(deletes, struct.id)
        if (isNamed) expect(struct.deleted).toBe(true)
        // Of two concurrent values of one key, Yjs itself deletes the loser.
        else if (struct.deleted) expect(isOvertaken(struct)).toBe(true)
      }
    })
  })

  test('an honest proposal is accepted: collected or not, in any order, with structs split anywhere', () => {
    onRandomDocuments((rows, random) => {
      expect(isOwnFold({ previous: null, rows }, honestProposal(rows))?.type).toBe('same')
      accepted(rows, honestProposal(rows, false))
      for (const gc of [true, false]) {
        const updates = shuffle(rows, random).map(({ data }) => data)
        accepted(rows, Y.encodeStateAsUpdateV2(docOf(updates, gc)))
      }
      const recut = changed(honestProposal(rows), ({ structs }) => {
        structs.splice(
          0,
          structs.length,
          ...structs.flatMap((struct) => cutSomewhere(struct, random)),
        )
      })
      const verdict = accepted(rows, recut)
      expectSame(canonical(verdict.snapshot), honestCanonical(rows))
    })
  })

  test('a document that keeps its history loses nothing over many folds, whichever clients propose them', () => {
    onRandomDocuments((rows, random) => {
      let previous: Uint8Array | null = null
      for (let at = 0; at < rows.length; ) {
        const next = at + 1 + Math.floor(random() * rows.length)
        const some = rows.slice(at, next)
        const proposal = honestProposal(some, random() < 0.5, previous)
        const verdict = checkFold({ previous, rows: some }, proposal, true)
        if (verdict.type === 'different') throw new Error(`refused: ${verdict.difference}`)
        expectSame(verdict.snapshot, honestProposal(some, false, previous))
        previous = verdict.snapshot
        at = next
      }
      if (previous === null) return
      const { doc } = foldRows({ previous, rows: [] }, false)
      const { doc: whole } = foldRows({ previous: null, rows }, false)
      // No content of a row was collected: each id has the same content as in the document of all rows.
      expect(contents(doc)).toEqual(contents(whole))
    })
  })

  test('a fold onto a snapshot row equals the fold of all rows, whether or not each of them collects garbage', () => {
    onRandomDocuments((rows, random) => {
      const at = Math.floor(random() * rows.length)
      const [early, late] = [rows.slice(0, at), rows.slice(at)]
      for (const gcBefore of [true, false]) {
        const previous = honestProposal(early, gcBefore)
        for (const gc of [true, false]) {
          const proposal = honestProposal(late, gc, previous)
          accepted(late, proposal, previous)
          expectSame(canonical(proposal), honestCanonical(rows))
        }
      }
    })
  })

  test('waiting rows are carried over whole, and complete the document when the missing rows arrive', () => {
    onRandomDocuments((rows, random) => {
      const missing = rows[Math.floor(random() * rows.length)]
      if (missing === undefined) return
      const stored = rows.filter((row) => row !== missing)
      const { carried } = accepted(stored, honestProposal(stored, random() < 0.5))
      const previous = honestProposal(stored)
      const later = [...stored.filter(({ seq }) => carried.includes(seq)), missing]
      const proposal = honestProposal(later, true, previous)
      expect(accepted(later, proposal, previous).carried).toEqual([])
      expectSame(canonical(proposal), honestCanonical(rows))
    })
  })

  test('an unreadable row is carried over, and all other rows are folded', () => {
    onRandomDocuments((rows, random) => {
      const garbage = asRows([Uint8Array.from({ length: 9 }, () => random() * 256)], 1_000)
      const both = shuffle([...rows, ...garbage], random)
      const verdict = accepted(both, honestProposal(both))
      expect(verdict.carried).toEqual([1_000])
      expectSame(canonical(verdict.snapshot), honestCanonical(rows))
    })
  })

  test('a proposal with any bit flipped never changes the stored document', () => {
    onRandomDocuments((rows, random) => {
      const proposed = honestProposal(rows, random() < 0.5)
      for (let i = 0; i < 20; i++) {
        const proposal = proposed.slice()
        const at = Math.floor(random() * proposal.length)
        proposal[at] = (proposal[at] ?? 0) ^ (1 << Math.floor(random() * 8))
        refusedOrSame(rows, proposal)
      }
    })
  })

  test('a proposal with any struct removed, lengthened, collected or moved never changes the stored document', () => {
    onRandomDocuments((rows, random) => {
      for (let i = 0; i < 10; i++) {
        refusedOrSame(
          rows,
          changed(honestProposal(rows, random() < 0.5), (parts) => spoil(parts, random)),
        )
      }
    })
  })
})

/** A value that another value replaced, or one in a deleted parent. */
function isOvertaken(struct: Y.Item | Y.GC): boolean {
  if (!(struct instanceof Y.Item)) return true
  if (struct.parentSub !== null && struct.right !== null) return true
  return struct.parent instanceof Y.AbstractType && struct.parent._item?.deleted === true
}

/** Checks that a verdict of `same` never comes with bytes of another document. */
function refusedOrSame(rows: Rows, proposal: Uint8Array): void {
  const verdict = checkFold({ previous: null, rows }, proposal)
  if (verdict.type === 'different') return
  expectSame(canonical(verdict.snapshot), honestCanonical(rows))
}

function cutSomewhere(struct: Parts['structs'][number], random: () => number) {
  if (!(struct instanceof Y.Item) || struct.length < 2) return [struct]
  const { content } = struct
  if (
    content instanceof Y.ContentString &&
    /\p{Surrogate}|[\u{10000}-\u{10ffff}]/u.test(content.str)
  )
    return [struct]
  return cut(struct, 1 + Math.floor(random() * (struct.length - 1)))
}

function spoil({ structs, deletes }: Parts, random: () => number): void {
  const at = Math.floor(random() * structs.length)
  const struct = structs[at]
  if (struct === undefined) return
  const { client, clock } = struct.id
  switch (Math.floor(random() * 6)) {
    case 0:
      structs.splice(at, 1, new Y.Skip(struct.id, struct.length))
      return
    case 1:
      structs.splice(at, 1, new Y.GC(struct.id, struct.length))
      return
    case 2:
      structs.push(new Y.GC(Y.createID(9, 0), 1))
      return
    case 3:
      deletes.clients.set(client, [...(deletes.clients.get(client) ?? []), { clock, len: 1 }])
      return
    case 4:
      deletes.clients.delete(client)
      return
    default:
      if (struct instanceof Y.Item) struct.origin = Y.createID(client, Math.max(0, clock - 2))
  }
}
