// The strict check of convergence. Equal text is not enough: two documents with the same text may contain
// different edits, and then diverge at the next edit.
import * as Y from 'yjs'
import { shuffled } from './random.ts'
import {
  cutAround,
  findOrderDifference,
  findStructDifference,
  type Orders,
  readOrders,
} from './structs.ts'

export class NotConverged extends Error {
  override name = 'NotConverged'
}

/** The stored rows of one document, in any order. Empty update rows (seals) are skipped. */
export interface StoredRows {
  /** The update rows, in Yjs v1. */
  readonly updates: readonly Uint8Array[]
  /** The newest snapshot row, in Yjs v2. */
  readonly snapshot?: Uint8Array | undefined
}

export interface OracleOptions {
  /** Chooses the order in which rows are applied; the error names it. */
  readonly seed?: number
}

/**
 * Throws unless all documents are equal in content, state vector, delete set, structs and their order, and
 * have nothing pending. They must also equal the document that is rebuilt from the stored rows in any order.
 */
export function expectConverged(
  docs: readonly Y.Doc[],
  rows?: StoredRows,
  options: OracleOptions = {},
): void {
  const [first, ...others] = docs
  if (first === undefined) throw new NotConverged('There is no document to compare')

  const parts = partsReader()
  const problems = docs.flatMap((doc, index) => findPending(`doc ${index}`, doc))
  for (const [index, other] of others.entries()) {
    problems.push(...compare('doc 0', first, `doc ${index + 1}`, other, parts))
  }
  if (rows) problems.push(...judgeRows(first, rows, options.seed ?? 1, parts))
  if (problems.length > 0) throw new NotConverged(problems.join('\n'))
}

/** The parts of a document that are compared, read once for all comparisons with it. */
interface PartsReader {
  orders(doc: Y.Doc): Orders
  deletes(doc: Y.Doc): DeleteSet
}

type DeleteSet = ReturnType<typeof Y.createDeleteSetFromStructStore>

function partsReader(): PartsReader {
  const once = <T>(read: (doc: Y.Doc) => T) => {
    const known = new Map<Y.Doc, T>()
    return (doc: Y.Doc): T => {
      const part = known.get(doc) ?? read(doc)
      known.set(doc, part)
      return part
    }
  }
  return {
    orders: once(readOrders),
    deletes: once((doc) => Y.createDeleteSetFromStructStore(doc.store)),
  }
}

function judgeRows(live: Y.Doc, rows: StoredRows, seed: number, parts: PartsReader): string[] {
  const orders: [string, readonly Uint8Array[]][] = [
    ['the stored rows', rows.updates],
    [`the stored rows shuffled by seed ${seed}`, shuffleRows(rows.updates, seed)],
  ]
  return orders.flatMap(([name, updates]) => {
    const rebuilt = rebuild({ ...rows, updates })
    try {
      return [...findPending(name, rebuilt), ...compare('doc 0', live, name, rebuilt, parts)]
    } finally {
      rebuilt.destroy()
    }
  })
}

/** A document built from stored rows alone. */
export function rebuild({ updates, snapshot }: StoredRows): Y.Doc {
  // Creating a random guid takes longer than building a small document.
  const doc = new Y.Doc({ guid: 'rebuilt' })
  doc.transact(() => {
    if (snapshot) Y.applyUpdateV2(doc, snapshot)
    for (const update of updates) {
      if (update.length > 0) Y.applyUpdate(doc, update)
    }
    tryPendingAgain(doc)
  })
  return doc
}

/**
 * In some orders of rows Yjs does not try its pending structs again when the last edit arrives that they
 * wait for (protocol/held-back.ts): that is no fault of the rows.
 */
function tryPendingAgain(doc: Y.Doc): void {
  const { store } = doc
  for (let left = Number.POSITIVE_INFINITY; store.pendingStructs !== null; ) {
    const { update } = store.pendingStructs
    if (update.byteLength >= left) return
    left = update.byteLength
    store.pendingStructs = null
    Y.applyUpdateV2(doc, update)
  }
}

// Yjs merges every update that arrives too early into the pending ones, so applying fully shuffled rows would
// take quadratic time. So only the rows of the first window arrive one at a time. Later rows arrive in
// groups, which wait for each other as single rows do.
const shuffleWindow = 300
const shuffleGroup = 15

function shuffleRows(updates: readonly Uint8Array[], seed: number): Uint8Array[] {
  const rows = updates.filter(({ length }) => length > 0)
  const result = shuffled(rows.slice(0, shuffleWindow), seed)
  for (let from = shuffleWindow; from < rows.length; from += shuffleWindow) {
    const window = shuffled(rows.slice(from, from + shuffleWindow), seed + from)
    for (let at = 0; at < window.length; at += shuffleGroup) {
      result.push(Y.mergeUpdates(window.slice(at, at + shuffleGroup)))
    }
  }
  return result
}

function findPending(name: string, doc: Y.Doc): string[] {
  const problems: string[] = []
  const { pendingStructs, pendingDs } = doc.store
  if (pendingStructs) {
    const missing = [...pendingStructs.missing].map(([client, clock]) => `${client}:${clock}`)
    problems.push(`${name} holds back structs that wait for ${missing.join(', ')}`)
  }
  if (pendingDs) problems.push(`${name} holds back deletions of structs that it does not have`)
  return problems
}

/** Every way in which `right` differs from `left`, the most informative first. */
function compare(
  leftName: string,
  left: Y.Doc,
  rightName: string,
  right: Y.Doc,
  parts: PartsReader,
): string[] {
  const findings = [
    ...compareContent(left, right),
    compareStateVectors(left, right),
    compareDeleteSets(parts.deletes(left), parts.deletes(right)),
    findStructDifference(left, right),
    findOrderDifference(left, right, parts.orders),
  ]
  return findings
    .filter((finding) => finding !== undefined)
    .map((finding) => `${leftName} (here) and ${rightName} (there) differ: ${finding}`)
}

function compareStateVectors(left: Y.Doc, right: Y.Doc): string | undefined {
  const [one, other] = [readStateVector(left), readStateVector(right)]
  for (const client of new Set([...one.keys(), ...other.keys()])) {
    const [a, b] = [one.get(client) ?? 0, other.get(client) ?? 0]
    if (a !== b) return `state vector of client ${client}: ${a} here, ${b} there`
  }
  return undefined
}

function readStateVector(doc: Y.Doc): Map<number, number> {
  return Y.decodeStateVector(Y.encodeStateVector(doc))
}

function compareDeleteSets(one: DeleteSet, other: DeleteSet): string | undefined {
  if (Y.equalDeleteSets(one, other)) return undefined
  const print = (set: DeleteSet) =>
    [...set.clients]
      .sort(([a], [b]) => a - b)
      .flatMap(([client, runs]) => runs.map((run) => `${client}:${run.clock}+${run.len}`))
      .join(' ')
  return `delete set ${cutAround(print(one), print(other))}`
}

function compareContent(left: Y.Doc, right: Y.Doc): string[] {
  const names = new Set([...left.share.keys(), ...right.share.keys()])
  return [...names].flatMap((name) => {
    const read = readerOf(name, left) ?? readerOf(name, right)
    // The kind of this type is not known yet. The comparison of structs covers it anyway.
    if (read === undefined) return []
    const [a, b] = [readOrEmpty(read, left, name), readOrEmpty(read, right, name)]
    return a === b ? [] : [`content of "${name}" ${cutAround(a, b)}`]
  })
}

type Reader = (doc: Y.Doc, name: string) => string

const readers: readonly (readonly [kind: unknown, read: Reader])[] = [
  [Y.Text, (doc, name) => print(doc.getText(name).toDelta())],
  [Y.Map, (doc, name) => print(doc.getMap(name).toJSON())],
  [Y.Array, (doc, name) => print(doc.getArray(name).toJSON())],
  [Y.XmlText, (doc, name) => print(doc.get(name, Y.XmlText).toDelta())],
  [Y.XmlElement, (doc, name) => doc.getXmlElement(name).toString()],
  [Y.XmlFragment, (doc, name) => doc.getXmlFragment(name).toString()],
]

/** JSON with sorted keys: the order of a map's keys only shows which edit came first. */
const print = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && Object.getPrototypeOf(part) === Object.prototype
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )

/**
 * A root type has no kind until code opens it as text, map and so on. So in a document that was only decoded
 * from updates, no root type has a kind.
 */
function readerOf(name: string, doc: Y.Doc): Reader | undefined {
  const kind = doc.share.get(name)?.constructor
  return readers.find(([one]) => one === kind)?.[1]
}

/**
 * The content of each kind of type while it is empty. It is created once, because creating a document for
 * each comparison takes longer than the comparison.
 */
const shownEmpty = new Map<Reader, string>()

function readOrEmpty(read: Reader, doc: Y.Doc, name: string): string {
  if (doc.share.has(name)) return read(doc, name)
  const shown = shownEmpty.get(read) ?? read(new Y.Doc({ guid: 'empty' }), name)
  shownEmpty.set(read, shown)
  return shown
}
