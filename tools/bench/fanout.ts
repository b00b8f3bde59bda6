// Measures one writer at the pace of a person, and many readers of the same document in a separate process.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import http from 'node:http'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { segmentPath } from 'y-electric/protocol'
import type { ServerProcess } from '../../test/harness/serverProcess.ts'
import { cpuSeconds, keystroke, postUpdate } from './capacity.ts'
import type { ReadersMessage, ReadersOptions } from './fanoutReaders.ts'
import { collectable, residentMegabytes } from './memory.ts'
import { median, p95, round } from './statistics.ts'
import type { Report, Row } from './table.ts'
import { onEachTarget, type Target, withBenchServer } from './targets.ts'

const keys = 100
const warmUpKeys = 20
/** The time between two keystrokes, in milliseconds. */
const paceMs = 100

/** How a reader requests the document: the stream of its shape, or one live response (`POST /live`). */
const WAYS = ['shape', 'joint'] as const
type Way = (typeof WAYS)[number]

export interface FanoutOptions {
  readonly readers: number
  /** A folder for processor profiles of the server, as Node's `--cpu-prof` makes them. */
  readonly profile?: string | undefined
}

export async function benchFanout({ readers, profile }: FanoutOptions): Promise<Report> {
  if (profile !== undefined) await mkdir(profile, { recursive: true })
  const measure = async (target: Target): Promise<Row[]> => {
    const rows: Row[] = []
    for (const way of WAYS) rows.push(await measureWay(target, way, { readers, profile }))
    return rows
  }
  return {
    title: `fan-out: ${readers} readers of one document, a key each ${paceMs} ms`,
    rows: (await onEachTarget(measure)).flat(),
    notes: [
      `${keys} keys, after ${warmUpKeys} that do not count. “p50” and “p95” are the times from the answer of the POST to the event at the last reader.`,
      '“CPU ms” is the processor time of the server for 1,000 delivered messages, including the writes; the readers have a separate process.',
      '“requests” are those of the server to the shape service: first while the readers connect, then while they read.',
      '“KB” is the growth of the resident size of the server for each open reader, after a garbage collection.',
    ],
  }
}

const measureWay = (
  target: Target,
  way: Way,
  { readers: count, profile }: FanoutOptions,
): Promise<Row> =>
  withBenchServer(
    target,
    async (server) => {
      const agent = new http.Agent({ keepAlive: true })
      const write = (docId: string): Promise<void> =>
        postUpdate(`${server.url}/api`, docId, agent, keystroke())
      const docId = `fanout-${way}`
      await write(docId)
      await drain(await openReaders(server, way, docId, 5))
      const before = await residentMegabytes(server)
      const requestsBefore = await shapeRequests(server)
      const began = performance.now()
      const readers = await openReaders(server, way, docId, count)
      const connectMs = performance.now() - began
      const requestsOpen = await shapeRequests(server)
      const held = await residentMegabytes(server)

      const delays: number[] = []
      let cpu = 0
      for (let key = 0; key < warmUpKeys + keys; key++) {
        if (key === warmUpKeys) {
          if (profile !== undefined) await fetch(`${server.url}/profile`, { method: 'POST' })
          cpu = await cpuSeconds(server.pid)
        }
        const next = sleep(paceMs)
        const arrived = readers.arrival(key)
        await write(docId)
        const answered = process.hrtime.bigint()
        const at = await arrived
        if (key >= warmUpKeys) delays.push(Number(at - answered) / 1e6)
        await next
      }
      cpu = (await cpuSeconds(server.pid)) - cpu
      if (profile !== undefined) {
        const made = await (await fetch(`${server.url}/profile`)).text()
        await writeFile(path.join(profile, nameOf(target, way)), made)
      }
      const requestsRead = await shapeRequests(server)
      await drain(readers)
      agent.destroy()
      return {
        backend: target.name,
        way,
        'p50 ms': round(median(delays)),
        'p95 ms': round(p95(delays)),
        'CPU ms': round((cpu * 1e6) / (keys * count)),
        requests: `${requestsOpen - requestsBefore} + ${requestsRead - requestsOpen}`,
        'KB each': round(((held - before) * 1024) / count, 1),
        'connect s': round(connectMs / 1_000),
      }
    },
    collectable.nodeArguments,
  )

const nameOf = (target: Target, way: Way): string =>
  `${target.name.toLowerCase().replace(/\W+/g, '-')}-${way}.cpuprofile`

async function shapeRequests({ url }: ServerProcess): Promise<number> {
  return Number(await (await fetch(`${url}/shape-requests`)).text())
}

interface Readers {
  /** Resolves with the time at which the last reader received the keystroke. */
  arrival(key: number): Promise<bigint>
  readonly stop: () => Promise<void>
}

const drain = (readers: Readers): Promise<void> => readers.stop()

/** Resolves when all readers wait for changes. */
async function openReaders(
  { url }: ServerProcess,
  way: Way,
  docId: string,
  count: number,
): Promise<Readers> {
  const segment = segmentPath(docId, 0)
  const first = await fetch(`${url}/api${segment}?offset=-1`)
  await first.arrayBuffer()
  const query = new URLSearchParams({
    offset: first.headers.get('electric-offset') ?? '',
    handle: first.headers.get('electric-handle') ?? '',
    live: 'true',
    live_sse: 'true',
  })
  const stream = `${segment}?${query}`
  const { hostname, port } = new URL(url)
  const options: ReadersOptions = {
    host: hostname,
    port: Number(port),
    count,
    request:
      way === 'shape'
        ? `GET /api${stream} HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`
        : jointRequest(hostname, JSON.stringify({ streams: [stream] })),
  }
  const child = fork(path.join(import.meta.dirname, 'fanoutReaders.ts'), [JSON.stringify(options)])
  const arrivals = new Map<number, (at: bigint) => void>()
  const open = new Promise<void>((resolve, reject) => {
    child.on('message', (message: ReadersMessage) => {
      if (message.type === 'open') resolve()
      else arrivals.get(message.key)?.(BigInt(message.at))
    })
    child.once('exit', (code) => reject(new Error(`the readers ended (${code})`)))
  })
  await open
  return {
    arrival: (key) => new Promise((resolve) => arrivals.set(key, resolve)),
    async stop() {
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    },
  }
}

const jointRequest = (host: string, body: string): string =>
  [
    'POST /api/live HTTP/1.1',
    `host: ${host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
