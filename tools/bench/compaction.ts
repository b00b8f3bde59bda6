// Measures the cost of a document with a long history before and after its rows are folded, and the cost of
// the fold.
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as Y from 'yjs'
import { type History, loadHistory } from '../../test/harness/history.ts'
import { expectConverged } from '../../test/harness/oracle.ts'
import { startServerProcess } from '../../test/harness/serverProcess.ts'
import { TEXT_NAME } from '../replay/script.ts'
import { editsInRow, type StoredHistory, storedHistories } from './compactionRows.ts'
import {
  type Compacted,
  type Cost,
  compactOnce,
  joinCold,
  medianCost,
  openFollower,
  type Place,
} from './compactionSteps.ts'
import { round } from './statistics.ts'
import type { Report, Row } from './table.ts'
import { onEachTarget, type Target } from './targets.ts'

const root = path.resolve(import.meta.dirname, '../..')
/** A paper from the public collection, recorded key by key. It is not part of the repository. */
const paper = path.join(root, '../shared/traces/automerge-paper.json.gz')
const shipped = path.join(root, 'test/data/histories/editor-session.json.gz')

const joins = 5
const followers = 3
/** The wait for rows that are in flight to a follower. */
const settleMs = 1_000

export async function benchCompaction(): Promise<Report> {
  const file = existsSync(paper) ? paper : shipped
  const history = await loadHistory(file)
  const { recorded, threefold } = storedHistories(history)
  const rows = await onEachTarget(async (target) => {
    const once = await measure(target, history, recorded)
    const thrice = await measure(target, history, threefold)
    return tableOf(target, once, thrice)
  })
  return {
    title: `compaction: ${path.basename(file, '.json.gz')}, in rows of at most ${editsInRow} edits`,
    rows: rows.flat(),
    notes: [
      'Rows are inserted by ydoc_append, hundreds per statement; everything that is measured goes over HTTP.',
      '“× 3”: after each row another client types as many characters one by one, and removes them all, so the text is the same after three times the edits.',
      `Joiners: median of ${joins}, each with a new provider. Bytes are bodies in both directions, without headers. Followers: the worst of ${followers}.`,
      'Document bytes: Y.encodeStateAsUpdateV2(doc).length, the minimum for a joiner. Table bytes: tables and indexes of all documents, after VACUUM.',
      'The compactor is a provider in the process of the benchmark; its time is from reading state to the server’s answer. PGlite runs in the server’s event loop.',
    ],
  }
}

interface Weight {
  readonly rows: number
  readonly dataBytes: number
  readonly tableBytes: number
}

interface Side {
  readonly weight: Weight
  readonly synced: Cost
  readonly connected: Cost
}

interface Measured {
  readonly edits: number
  readonly before: Side
  readonly after: Side
  readonly documentBytes: number
  readonly compacted: Compacted
  readonly holdMs: number
  readonly followerBytes: { readonly roll: number; readonly fold: number }
}

/** Measures each history in a separate database, so that none affects another. */
async function measure(
  target: Target,
  history: History,
  { edits, rows }: StoredHistory,
): Promise<Measured> {
  const server = await startServerProcess({
    script: path.join(import.meta.dirname, 'compactionServer.ts'),
    nodeArguments: ['--import', 'tsx'],
    env: target.env,
  })
  const place = { mountPoint: `${server.url}/api`, docId: `compaction-${randomUUID()}` }
  const ask = async <T>(what: string): Promise<T> => readJson(`${server.url}/${what}`)
  const side = async () => {
    const weight = await ask<Weight>(`weight/${place.docId}`)
    const joined = []
    for (let join = 0; join < joins; join++) joined.push(await joinCold(place))
    const costs = {
      synced: medianCost(joined, 'synced'),
      connected: medianCost(joined, 'connected'),
    }
    return { side: { weight, ...costs }, doc: joined[0]?.doc ?? new Y.Doc() }
  }
  try {
    await storeRows(server.url, place, rows)
    const before = await side()
    const reading = await Promise.all(Array.from({ length: followers }, () => openFollower(place)))
    const seen = () => reading.map((follower) => follower.bytes())
    const mark = { roll: seen(), fold: seen() }
    const compacted = await compactOnce(place, async (step) => {
      mark[step] = seen()
      if (step === 'fold') await ask('hold')
    })
    const { ms: holdMs } = await ask<{ ms: number }>('hold')
    await sleep(settleMs)
    const end = seen()
    const worst = (from: number[], to: number[]) =>
      Math.max(...to.map((bytes, index) => bytes - (from[index] ?? 0)))
    const after = await side()

    expectRecordedText(history, after.doc)
    expectConverged([before.doc, after.doc, ...reading.map(({ doc }) => doc)])
    for (const follower of reading) await follower.close()
    return {
      edits,
      before: before.side,
      after: after.side,
      documentBytes: Y.encodeStateAsUpdateV2(after.doc).byteLength,
      compacted,
      holdMs,
      followerBytes: { roll: worst(mark.roll, mark.fold), fold: worst(mark.fold, end) },
    }
  } finally {
    await server.stop()
  }
}

async function storeRows(url: string, { docId }: Place, rows: readonly Uint8Array[]) {
  const frames = rows.flatMap((row) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(row.byteLength)
    return [length, row]
  })
  const body = Buffer.concat(frames)
  const response = await fetch(`${url}/rows/${docId}`, { method: 'POST', body })
  if (!response.ok) throw new Error(`storing rows: ${response.status} ${await response.text()}`)
}

async function readJson<T>(url: string): Promise<T> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

function expectRecordedText({ endContent }: History, doc: Y.Doc): void {
  if (doc.getText(TEXT_NAME).toString() !== endContent) {
    throw new Error('the text after compaction differs from the recorded text')
  }
}

type Pick = (side: Side, measured: Measured) => number

function tableOf({ name }: Target, once: Measured, thrice: Measured): Row[] {
  const both = (measure: string, pick: Pick, aim = ''): Row => ({
    backend: name,
    measure,
    before: pick(once.before, once),
    after: pick(once.after, once),
    '× 3 before': pick(thrice.before, thrice),
    '× 3 after': pick(thrice.after, thrice),
    aim,
  })
  const single = (measure: string, pick: (measured: Measured) => number, aim = ''): Row => ({
    backend: name,
    measure,
    after: pick(once),
    '× 3 after': pick(thrice),
    aim,
  })
  return [
    both('edits', (_, { edits }) => edits),
    both('rows', ({ weight }) => weight.rows),
    both('bytes of rows', ({ weight }) => weight.dataBytes),
    both('table bytes', ({ weight }) => weight.tableBytes),
    single('document bytes (v2)', ({ documentBytes }) => documentBytes),
    both('join until synced: bytes', ({ synced }) => synced.bytes, '× 3 the same'),
    both(
      '  ratio to document bytes',
      ({ synced }, { documentBytes }) => round(synced.bytes / documentBytes, 3),
      'after ≤ 1.05',
    ),
    both('  requests', ({ synced }) => synced.requests),
    both('  ms', ({ synced }) => round(synced.ms, 1)),
    both('join until live: bytes', ({ connected }) => connected.bytes, '× 3 the same'),
    both(
      '  ratio to document bytes',
      ({ connected }, { documentBytes }) => round(connected.bytes / documentBytes, 3),
      'after ≤ 1.05',
    ),
    both('  requests', ({ connected }) => connected.requests),
    both('  ms', ({ connected }) => round(connected.ms, 1)),
    single('compactor: ms', ({ compacted }) => round(compacted.report.ms, 1)),
    single('server: ms of the roll', ({ compacted }) => round(compacted.rollMs, 1)),
    single('server: ms of the fold', ({ compacted }) => round(compacted.foldMs, 1)),
    single('server: longest block of its event loop, ms', ({ holdMs }) => round(holdMs, 1), '~ 50'),
    single('follower: bytes for the roll', ({ followerBytes }) => followerBytes.roll, '≤ 1,024'),
    single('follower: bytes for the fold', ({ followerBytes }) => followerBytes.fold),
  ]
}
