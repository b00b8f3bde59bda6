import {
  type ContentIds,
  contentOfDoc,
  contentOfUpdate,
  type DecodedUpdate,
  isEmptyIds,
  readRow,
  readSnapshotRow,
  subtractIds,
  type UpdateRow,
  unionIds,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import { buildDocument } from '../build.ts'
import { neededBy, printRange, rangesOf } from '../pending.ts'
import { verifyChain } from './chain.ts'
import { findConflict } from './conflicts.ts'
import { type Finding, finding } from './findings.ts'

/** The newest snapshot row of a document and its update rows. */
export interface StoredDocument {
  readonly activeSegment: number
  /** The newest snapshot row that is part of the state. */
  readonly snapshot: {
    readonly seq: number
    readonly throughSegment: number
    readonly data: Uint8Array
  } | null
  /** All update rows in the order of segment and seq; one without data is a seal. */
  readonly rows: readonly UpdateRow[]
}

interface ReadRow {
  readonly seq: number
  readonly data: Uint8Array
  readonly decoded: DecodedUpdate
}

/** Checks the chain of segments, that rows decode, that no row waits for edits that no row has, and that rows agree. */
export function verifyRows({ activeSegment, snapshot, rows }: StoredDocument): Finding[] {
  const foldedSegment = snapshot?.throughSegment ?? -1
  const findings = verifyChain({
    activeSegment,
    foldedSegment,
    rows: rows.map(({ seq, segment, data }) => ({ seq, segment, isSeal: data.byteLength === 0 })),
  })
  const problem = snapshot === null ? null : snapshotProblem(snapshot.data)
  if (snapshot !== null && problem !== null) {
    const message = `the newest snapshot row, ${snapshot.seq}, cannot be read: ${problem}`
    findings.push(finding('snapshot_unreadable', 'ydoc_snapshot', snapshot.seq, message))
  } else if (snapshot !== null) findings.push(...verifyParts(snapshot))
  const readable: ReadRow[] = []
  for (const { seq, segment, data } of rows) {
    if (data.byteLength === 0) continue
    const decoded = decode(data)
    if (typeof decoded === 'string') {
      findings.push(finding('row_unreadable', 'ydoc_update', seq, `row ${seq}: ${decoded}`))
    } else if (segment > foldedSegment && segment <= activeSegment) {
      readable.push({ seq, data, decoded })
    }
  }
  // Without the snapshot row, every row waits for its content.
  return problem === null
    ? [...findings, ...verifyEdits(snapshot?.data ?? null, readable)]
    : findings
}

function decode(data: Uint8Array): DecodedUpdate | string {
  try {
    return readRow(data)
  } catch (error) {
    return (error as Error).message
  }
}

/** Names the unusable part of a snapshot row, if there is one. The row must be readable. */
export function verifyParts({ seq, data }: { seq: number; data: Uint8Array }): Finding[] {
  const { problem } = readSnapshotRow(data)
  if (problem === null) return []
  const message = `a part of snapshot row ${seq} cannot be used: ${problem}`
  return [finding('snapshot_partly_bad', 'ydoc_snapshot', seq, message)]
}

/** The reason why a snapshot row cannot be read; null if it can be read. */
export function snapshotProblem(data: Uint8Array): string | null {
  const doc = new Y.Doc({ guid: 'snapshot', gc: false })
  try {
    Y.applyUpdateV2(doc, readSnapshotRow(data).data)
    const { pendingStructs, pendingDs } = doc.store
    return pendingStructs === null && pendingDs === null
      ? null
      : 'it waits for edits that it does not hold'
  } catch (error) {
    return (error as Error).message
  } finally {
    doc.destroy()
  }
}

function verifyEdits(previous: Uint8Array | null, rows: readonly ReadRow[]): Finding[] {
  const asRows = rows.map(({ seq, data }) => ({ seq, segment: 0, data }))
  const { doc, leftOut } = buildDocument({ previous, rows: asRows }, false, encodeBoth)
  const breaking = new Set(leftOut.map(({ seq }) => seq))
  const used = rows.filter(({ seq }) => !breaking.has(seq))
  try {
    return [
      ...[...breaking].map(breaks),
      ...verifyWaiting(doc, used),
      ...verifyAgreement(doc, used),
    ]
  } finally {
    doc.destroy()
  }
}

/** Throws if Yjs cannot encode the document. */
function encodeBoth(doc: Y.Doc): void {
  Y.encodeStateAsUpdate(doc)
  Y.encodeStateAsUpdateV2(doc)
}

const breaks = (seq: number): Finding =>
  finding('row_breaks', 'ydoc_update', seq, `row ${seq}: Yjs throws with it and the rows before it`)

function verifyWaiting(doc: Y.Doc, rows: readonly ReadRow[]): Finding[] {
  if (doc.store.pendingStructs === null && doc.store.pendingDs === null) return []
  const held = contentOfDoc(doc).structs
  doc.store.pendingStructs = null
  doc.store.pendingDs = null
  const integrated = contentOfDoc(doc)
  // Everything written after a lost row waits for the same edits.
  const waiting = new Map<string, { first: number; others: number }>()
  for (const { seq, decoded } of rows) {
    if (isContained(contentOfUpdate(decoded), integrated)) continue
    const needed = unionIds([
      neededBy(decoded.structs, (client) => Y.getState(doc.store, client)),
      decoded.deletes,
    ])
    const missing = rangesOf(subtractIds(needed, held)).map(printRange).join(', ')
    const known = waiting.get(missing)
    if (known === undefined) waiting.set(missing, { first: seq, others: 0 })
    else known.others++
  }
  return [...waiting].map(([missing, { first, others }]) => {
    const who = others === 0 ? `row ${first} waits` : `row ${first} and ${others} more wait`
    const what = missing === '' ? 'rows that wait themselves' : `${missing}, which no row has`
    return finding('row_waits', 'ydoc_update', first, `${who} for ${what}`)
  })
}

/** True if `content` is contained in `inside`. */
export const isContained = (content: ContentIds, inside: ContentIds): boolean =>
  isEmptyIds(subtractIds(content.structs, inside.structs)) &&
  isEmptyIds(subtractIds(content.deletes, inside.deletes))

function verifyAgreement(doc: Y.Doc, rows: readonly ReadRow[]): Finding[] {
  return rows.flatMap(({ seq, decoded }) => {
    const place = findConflict(decoded.structs, doc)
    if (place === null) return []
    const message = `row ${seq} holds other content at ${place} than another row`
    return [finding('row_conflicts', 'ydoc_update', seq, message)]
  })
}
