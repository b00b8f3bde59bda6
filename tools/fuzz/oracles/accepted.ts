// Checks that every document that the server accepts is readable, can be folded, and converges.
import {
  contentOfUpdate,
  decodeUpdate,
  foldToSnapshot,
  mergeUpdates,
  splitUpdate,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import {
  buildDocument,
  type ContentFormat,
  checkFold,
  pendingOf,
  type RootType,
  statsOf,
  verifyRows,
} from '../adapters/server.ts'
import { asFinding, Finding } from '../engine/target.ts'
import type { Cost } from './cost.ts'
import { haveForgedPlaces } from './forged.ts'
import { requireReadable, requireReadableAs } from './readable.ts'
import { follow, requireSameContent, requireSameStructs } from './same.ts'
import { areTwins } from './twins.ts'

/** The most processor time of one step with a document of a few dozen rows, in milliseconds. */
const STEP_MS = 1_000
/** The client id of a later writer. */
const LATER_CLIENT = 50
const ABSENT_CLIENT = 51

export interface AcceptedRows {
  readonly honest: readonly Uint8Array[]
  /** Rows of an attacker, each accepted by the server. */
  readonly hostile: readonly Uint8Array[]
  /** The slow format that is checked. */
  readonly format: ContentFormat
  /** The type with which the oracle reads the roots. */
  readonly type: RootType
}

/** @returns the kind of the resulting document. @throws {Finding} */
export function checkAccepted({ honest, hostile, format, type }: AcceptedRows, cost: Cost): string {
  const rows = [...honest, ...hostile]
  const step = <T>(what: string, run: () => T): T => {
    try {
      return cost.within(STEP_MS, what, run)
    } catch (error) {
      const { kind, message } = asFinding(error)
      const isOwn = error instanceof Finding
      throw isOwn ? error : new Finding(`${what}: ${kind}`, `${what}: ${message}`, { cause: error })
    }
  }
  const docs: Y.Doc[] = []
  const opened = (doc: Y.Doc): Y.Doc => {
    docs.push(doc)
    return doc
  }
  const built = (from: readonly Uint8Array[], previous: Uint8Array | null = null) => {
    const { doc, unreadableRows } = buildDocument({ previous, rows: asRows(from) }, true)
    opened(doc)
    if (unreadableRows > 0) throw new Finding('unreadable', `${unreadableRows} rows are unreadable`)
    return doc
  }

  try {
    const joined = step('join', () => built(rows))
    const isConflicting = step('verify', () => verified(rows, joined)) || areTwins(honest, hostile)
    step('stats', () => statsOf({ doc: joined, leftOut: [], unreadableRows: 0 }))
    requireReadable(joined, cost, ['json', 'update', 'update-v2', 'prosemirror', 'text', format])
    requireReadableAs(() => built(rows), type, format, cost)
    step('split into pieces', () => {
      for (const row of hostile)
        for (const piece of splitUpdate(row, 20)) contentOfUpdate(decodeUpdate(piece))
    })
    step('later edits', () => checkLaterEdits(rows, built, opened))
    if (isConflicting) return 'accepted, conflicting'
    if (haveForgedPlaces(hostile, opened(withHistory(rows)))) return 'accepted, forged positions'
    step('v2', () => {
      const copy = opened(new Y.Doc())
      Y.applyUpdateV2(copy, Y.encodeStateAsUpdateV2(joined))
      requireSameStructs('v2 is another document', joined, copy)
    })
    step('fold', () => requireFold(rows, joined, built))

    step('merge in another order', () => {
      requireSameStructs('merged in another order', joined, built([...rows].reverse()))
      requireSameStructs(
        'merged by Yjs',
        joined,
        applied(opened(new Y.Doc()), Y.mergeUpdates(rows)),
      )
      requireSameStructs('merged first', joined, applied(opened(new Y.Doc()), mergeUpdates(rows)))
    })
    step('follow', () => {
      requireSameContent('follower', joined, opened(follow(rows)))
      requireSameContent(
        'follower of another order',
        joined,
        opened(follow([...hostile, ...honest])),
      )
      requireSameContent('follower backwards', joined, opened(follow([...rows].reverse())))
    })
    return pendingOf(joined) === null ? 'accepted' : 'accepted, waiting'
  } finally {
    for (const doc of docs) doc.destroy()
  }
}

const asRows = (updates: readonly Uint8Array[]) =>
  updates.map((data, index) => ({ seq: index + 1, segment: 0, data }))

/**
 * Builds the document without garbage collection, because the check needs the position of collected
 * neighbours.
 */
function withHistory(rows: readonly Uint8Array[]): Y.Doc {
  return buildDocument({ previous: null, rows: asRows(rows) }, false).doc
}

function applied(doc: Y.Doc, update: Uint8Array): Y.Doc {
  Y.applyUpdate(doc, update)
  return doc
}

/** Runs `verify`. @returns whether two rows hold different content under one id */
function verified(rows: readonly Uint8Array[], joined: Y.Doc): boolean {
  const findings = verifyRows({ activeSegment: 0, snapshot: null, rows: asRows(rows) })
  const pending = pendingOf(joined)
  for (const { code, message } of findings) {
    if (code === 'row_conflicts') continue
    if (code !== 'row_waits') throw new Finding(`verify says ${code}`, message)
    if (pending === null)
      throw new Finding('verify says that a row waits, but no row does', message)
  }
  return findings.some(({ code }) => code === 'row_conflicts')
}

type Build = (rows: readonly Uint8Array[], previous?: Uint8Array | null) => Y.Doc

function requireFold(rows: readonly Uint8Array[], joined: Y.Doc, build: Build): void {
  for (const keepHistory of [false, true]) {
    const sources = { previous: null, rows: asRows(rows) }
    const proposal = foldToSnapshot(sources, !keepHistory)
    const verdict = checkFold(sources, proposal, keepHistory)
    if (verdict.type === 'different')
      throw new Finding('an honest fold is refused', verdict.difference)
    const carried = rows.filter((_, index) => verdict.carried.includes(index + 1))
    const after = build(carried, verdict.snapshot)
    requireSameContent('a fold changes the document', joined, after)
    const again = foldToSnapshot(
      { previous: verdict.snapshot, rows: asRows(carried) },
      !keepHistory,
    )
    const second = build(carried, again)
    requireSameContent('a second fold changes the document', joined, second)
  }
}

/**
 * Checks that later edits are visible: edits of a client that has read all rows, and of one that has read
 * none.
 */
function checkLaterEdits(
  rows: readonly Uint8Array[],
  build: Build,
  opened: (doc: Y.Doc) => Y.Doc,
): void {
  const reader = opened(follow(rows))
  reader.clientID = LATER_CLIENT
  const stranger = opened(new Y.Doc())
  stranger.clientID = ABSENT_CLIENT
  const later: Uint8Array[] = []
  for (const [doc, name] of [
    [reader, 'read'],
    [stranger, 'unread'],
  ] as const) {
    doc.on('update', (update: Uint8Array) => later.push(update))
    doc.getMap('later').set(name, name)
    doc.getText('notes').insert(0, name)
  }
  for (const all of [
    [...rows, ...later],
    [...later, ...rows],
  ]) {
    const doc = build(all)
    const [map, text] = [doc.getMap('later'), doc.getText('notes').toString()]
    for (const name of ['read', 'unread']) {
      if (map.get(name) === name && text.includes(name)) continue
      throw new Finding(
        'a later honest edit does not show',
        `${name}: ${JSON.stringify(map)} ${text}`,
      )
    }
  }
}
