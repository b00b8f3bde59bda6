// Measures the time from a keystroke of one client until it is in the document of another, and the time of
// the shape stream alone.
import { randomUUID } from 'node:crypto'
import { type Message, type Row as ShapeRow, ShapeStream } from '@electric-sql/client'
import pg from 'pg'
import { openPair, type Pair, untilLength } from './pair.ts'
import { median, p95, round } from './statistics.ts'
import type { Report, Row } from './table.ts'
import { embedded, onEachTarget, type Target, withBenchServer, withServer } from './targets.ts'

const keys = 200
const warmUpKeys = 200

export async function benchLatency(): Promise<Report> {
  return {
    title: 'latency: one key from a provider to another provider',
    rows: (await onEachTarget(measureTarget)).flat(),
    notes: [
      `${keys} keys one after the other (after ${warmUpKeys} that do not count). After each, an INSERT sends the same bytes to a ShapeStream.`,
      'Writer and reader share one process; the server has a separate process.',
      'SQL on PGlite runs inside the server, because no other process can run it. The time starts there with the INSERT, so it does not include the request to the server.',
    ],
  }
}

async function measureTarget(target: Target): Promise<Row[]> {
  // With an Electric, SQL and shapes go to Electric and its database directly, and the y-electric server is
  // the shipped one.
  const withOne = target.electricUrl === undefined ? withBenchServer : withServer
  return withOne(target, async ({ url }) => {
    const pair = await openPair(`${url}/api`)
    const stream = await openBareStream(target, url)
    try {
      const ours: number[] = []
      const bare: number[] = []
      const asked: number[] = []
      for (let key = 0; key < warmUpKeys + keys; key++) {
        const { ms, update } = await pressKey(pair, key)
        const { fromSql, fromAsking } = await stream.insert(update)
        if (key < warmUpKeys) continue
        ours.push(ms)
        bare.push(fromSql)
        asked.push(fromAsking)
      }
      const ratioTo = (values: readonly number[]) => round(median(ours) / median(values))
      const rows: Row[] = [
        rowOf(target, 'provider to provider', ours, target === embedded ? '< 3 ms' : ''),
        {
          ...rowOf(target, 'plain SQL to a bare ShapeStream', bare, 'ratio ≤ 1.5'),
          ratio: ratioTo(bare),
        },
      ]
      if (target.databaseUrl !== undefined) return rows
      const path = 'the same, with SQL over HTTP'
      return [...rows, { ...rowOf(target, path, asked, ''), ratio: ratioTo(asked) }]
    } finally {
      await stream.close()
      await pair.close()
    }
  })
}

function rowOf(target: Target, path: string, values: readonly number[], aim: string): Row {
  return {
    backend: target.name,
    path,
    'median ms': round(median(values)),
    'p95 ms': round(p95(values)),
    aim,
  }
}

async function pressKey(pair: Pair, key: number): Promise<{ ms: number; update: Uint8Array }> {
  const { writer, written, read } = pair
  let update = new Uint8Array()
  writer.doc.once('update', (made: Uint8Array) => {
    update = new Uint8Array(made)
  })
  const arrived = untilLength(read, key + 1)
  const began = performance.now()
  written.insert(key, 'k')
  await arrived
  const ms = performance.now() - began
  await writer.whenSaved()
  return { ms, update }
}

interface BareStream {
  /** Inserts one row. @returns the milliseconds until it arrived in the stream */
  insert(data: Uint8Array): Promise<{ fromSql: number; fromAsking: number }>
  close(): Promise<void>
}

async function openBareStream(target: Target, serverUrl: string): Promise<BareStream> {
  const docId = `bare-${randomUUID()}`
  const sql =
    target.databaseUrl === undefined ? sqlInServer(serverUrl) : sqlFromHere(target.databaseUrl)
  await sql.createDocument(docId)
  const aborter = new AbortController()
  const stream = new ShapeStream({
    url: `${target.electricUrl ?? serverUrl}/v1/shape`,
    params: {
      table: 'ydoc_update',
      columns: ['seq', 'data'],
      where: 'doc_id = $1 AND segment = $2',
      params: [docId, '0'],
    },
    liveSse: true,
    signal: aborter.signal,
  })
  let onRow: (at: bigint) => void = () => {}
  let onLive = () => {}
  const live = new Promise<void>((resolve) => {
    onLive = resolve
  })
  stream.subscribe((messages: Message<ShapeRow>[]) => {
    const at = process.hrtime.bigint()
    if (stream.isUpToDate) onLive()
    if (messages.some((message) => 'value' in message)) onRow(at)
  })
  await live
  return {
    async insert(data) {
      const arrived = new Promise<bigint>((resolve) => {
        onRow = resolve
      })
      const asked = process.hrtime.bigint()
      const began = await sql.insert(docId, data)
      const at = await arrived
      return { fromSql: Number(at - began) / 1e6, fromAsking: Number(at - asked) / 1e6 }
    },
    async close() {
      aborter.abort()
      await sql.close()
    },
  }
}

/** Runs SQL and returns when the INSERT began, by the clock that all processes of the machine share. */
interface Sql {
  createDocument(docId: string): Promise<void>
  insert(docId: string, data: Uint8Array): Promise<bigint>
  close(): Promise<void>
}

function sqlInServer(serverUrl: string): Sql {
  const send = async (method: string, docId: string, body?: Uint8Array<ArrayBuffer>) => {
    const response = await fetch(`${serverUrl}/sql/${docId}`, { method, ...(body && { body }) })
    if (!response.ok) throw new Error(`SQL in the server: ${await response.text()}`)
    return response
  }
  return {
    async createDocument(docId) {
      await send('PUT', docId)
    },
    async insert(docId, data) {
      const response = await send('POST', docId, new Uint8Array(data))
      const { began } = (await response.json()) as { began: string }
      return BigInt(began)
    },
    close: async () => {},
  }
}

function sqlFromHere(databaseUrl: string): Sql {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  return {
    async createDocument(docId) {
      await pool.query('INSERT INTO ydoc_document (doc_id) VALUES ($1)', [docId])
    },
    async insert(docId, data) {
      const began = process.hrtime.bigint()
      await pool.query({
        name: 'bench_insert',
        text: 'INSERT INTO ydoc_update (doc_id, segment, data) VALUES ($1, 0, $2)',
        values: [docId, Buffer.from(data)],
      })
      return began
    },
    close: () => pool.end(),
  }
}
