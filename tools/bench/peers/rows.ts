// The rows of the comparison that every contender has.
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds } from '../capacity.ts'
import { residentMegabytes, residentNow } from '../memory.ts'
import { median, p95 } from '../statistics.ts'
import { type FreshServerOptions, newDocument, type Running } from './contenders.ts'
import type { Figure, Figures } from './rounds.ts'

/** The amount of work that each row measures. */
export interface Sizes {
  readonly keys: number
  readonly warmUpKeys: number
  readonly paceMs: number
  readonly burstEdits: number
  readonly writers: number
  readonly ackedEdits: number
  readonly readers: number
  readonly readerKeys: number
  readonly historyRows: number
  /** The recording of `session`. */
  readonly trace: string
}

export const DEFAULT_SIZES: Sizes = {
  keys: 60,
  warmUpKeys: 20,
  paceMs: 50,
  burstEdits: 2_000,
  writers: 20,
  ackedEdits: 2_000,
  readers: 200,
  readerKeys: 40,
  historyRows: 500,
  trace: path.resolve(import.meta.dirname, '../../../test/data/histories/editor-session.json.gz'),
}

export interface PeersRow {
  readonly name: string
  readonly figures: readonly Figure[]
  /** Whether a contender has the row. Default: every contender has it. */
  readonly has?: (contender: Running) => boolean
  measure(contender: Running, sizes: Sizes): Promise<Figures>
}

const pressKeys = async (
  { server: { url }, clients }: Running,
  { keys, warmUpKeys: warmUp }: Sizes,
  paceMs: number,
): Promise<Figures> => ({ ms: median(await clients.run('keys', { url, keys, warmUp, paceMs })) })

export const commonRows: readonly PeersRow[] = [
  {
    name: 'paced',
    figures: [
      {
        key: 'ms',
        title: 'key to the other screen, at a human pace',
        unit: 'ms',
        aim: '≤ 1.5 × Hocuspocus; ≤ 0.5 × upstream',
      },
    ],
    measure: (contender, sizes) => pressKeys(contender, sizes, sizes.paceMs),
  },
  {
    name: 'warm',
    figures: [{ key: 'ms', title: 'key to the other screen, back to back', unit: 'ms' }],
    measure: (contender, sizes) => pressKeys(contender, sizes, 0),
  },
  {
    name: 'acked',
    figures: [
      { key: 'rate', title: 'acknowledged edits, a document each writer', unit: 'edits/s' },
      {
        key: 'client',
        title: 'CPU of the clients for an acknowledged edit',
        unit: 'ms/edit',
        aim: '≤ 0.4',
      },
      {
        key: 'server',
        title: 'CPU of the server for an acknowledged edit',
        unit: 'ms/edit',
        aim: '≤ 0.25; below upstream',
      },
    ],
    async measure({ server, clients }, { writers: documents, ackedEdits: edits }) {
      const { url, pid } = server
      await clients.run('acked', { url, documents, edits: Math.ceil(edits / 4) })
      const before = await cpuSeconds(pid)
      const { seconds, cpuMs } = await clients.run('acked', { url, documents, edits })
      const cpu = (await cpuSeconds(pid)) - before
      return { rate: edits / seconds, client: cpuMs / edits, server: (cpu * 1_000) / edits }
    },
  },
  {
    name: 'readers',
    figures: [
      {
        key: 'p50',
        title: 'key to the last of many readers, p50',
        unit: 'ms',
        aim: '≤ 1.2 × Hocuspocus; ≤ 0.4 × upstream',
      },
      { key: 'p95', title: 'key to the last of many readers, p95', unit: 'ms' },
      { key: 'connect', title: 'connect these readers', unit: 's', aim: '≤ 0.6' },
      {
        key: 'cpu',
        title: 'CPU of the server for messages to readers',
        unit: 'ms/1,000 messages',
        aim: 'below upstream',
      },
      { key: 'kilobytes', title: 'memory of an open reader', unit: 'KB', aim: '≤ 30' },
    ],
    measure: measureReaders,
  },
  {
    name: 'burst',
    figures: [{ key: 'ms', title: 'many edits at once', unit: 'ms', aim: '≤ 40' }],
    async measure({ server: { url }, clients }, { burstEdits: edits }) {
      return { ms: await clients.run('burst', { url, edits }) }
    },
  },
  {
    name: 'session',
    figures: [{ key: 's', title: 'a recorded session', unit: 's', aim: '≤ Hocuspocus' }],
    async measure({ server: { url }, clients }, { trace }) {
      return { s: await clients.run('session', { url, trace }) }
    },
  },
  {
    name: 'join',
    figures: [
      { key: 'ms', title: 'cold join, history not compacted', unit: 'ms', aim: 'below every peer' },
      { key: 'share', title: 'cold join, history not compacted', unit: 'wire ÷ v2', aim: '≤ 1.3' },
    ],
    async measure(contender, { historyRows }) {
      const { server, clients } = contender
      const docId = await contender.once('history', () => writeHistory(contender, historyRows))
      return clients.run('join', { url: server.url, docId })
    },
  },
  {
    name: 'join-compacted',
    figures: [
      { key: 'ms', title: 'cold join, compacted', unit: 'ms', aim: 'below every peer' },
      { key: 'share', title: 'cold join, compacted', unit: 'wire ÷ v2', aim: '≤ 1.02' },
    ],
    async measure(contender, { historyRows }) {
      const { url } = contender.server
      const docId = await contender.once('compacted', async () => {
        const written = await writeHistory(contender, historyRows)
        if (contender.contender.isOurs) {
          await contender.clients.run('compact', { url, docId: written })
        }
        return written
      })
      return contender.clients.run('join', { url, docId })
    },
  },
  {
    name: 'memory',
    figures: [
      {
        key: 'megabytes',
        title: 'resident memory of the server under writers',
        unit: 'MB',
        aim: '≤ 250 PGlite, ≤ 80 native',
      },
    ],
    measure: (contender, sizes) => measureMemory(contender, sizes),
  },
  {
    name: 'memory-created',
    figures: [
      {
        key: 'megabytes',
        title: 'the same, of a server that has just created its database',
        unit: 'MB',
        aim: '≤ 250',
      },
    ],
    has: (contender) => hasEmbeddedDatabase(contender),
    measure: (contender, sizes) => measureMemory(contender, sizes, { createsDatabase: true }),
  },
  {
    name: 'memory-container',
    figures: [
      {
        key: 'megabytes',
        title: 'the same, with the settings of the Dockerfile',
        unit: 'MB',
        aim: '≤ 250 PGlite, ≤ 80 native',
      },
    ],
    has: ({ contender }) => contender.isOurs,
    measure: (contender, sizes) => measureMemory(contender, sizes, CONTAINER),
  },
  {
    name: 'reload',
    figures: [
      { key: 'requests', title: 'reload with nothing new', unit: 'requests', aim: '1' },
      { key: 'bytes', title: 'reload with nothing new', unit: 'wire bytes' },
    ],
    measure: ({ server: { url }, clients }) => clients.run('reload', { url, docId: newDocument() }),
  },
]

async function writeHistory({ server: { url }, clients }: Running, rows: number): Promise<string> {
  const docId = newDocument()
  await clients.run('write', { url, docId, rows })
  return docId
}

async function measureReaders(
  { server, clients, withMoreClients }: Running,
  { readers: count, readerKeys, warmUpKeys, paceMs }: Sizes,
): Promise<Figures> {
  const { url, pid } = server
  const docId = newDocument()
  const keys = warmUpKeys + readerKeys
  return withMoreClients(async (readers) => {
    // A first run loads the code of the server and of the readers.
    await readers.run('openReaders', { url, docId: newDocument(), count: 5 })
    await readers.run('closeReaders', undefined)
    const before = await residentMegabytes(server)
    const connect = await readers.run('openReaders', { url, docId, count })
    const held = await residentMegabytes(server)
    const cpuBefore = await cpuSeconds(pid)
    const [pressed, arrived] = await Promise.all([
      clients.run('type', { url, docId, keys, paceMs }),
      readers.run('takeArrivals', { keys }),
    ])
    const cpu = (await cpuSeconds(pid)) - cpuBefore
    await readers.run('closeReaders', undefined)
    const delays = pressed
      .map((at, key) => Number(BigInt(arrived[key] ?? 0) - BigInt(at)) / 1e6)
      .slice(warmUpKeys)
    return {
      p50: median(delays),
      p95: p95(delays),
      connect,
      cpu: (cpu * 1e6) / (keys * count),
      kilobytes: ((held - before) * 1_024) / count,
    }
  })
}

const hasEmbeddedDatabase = ({ contender: { isOurs, env } }: Running): boolean =>
  isOurs && env.DATABASE_URL === undefined

/** The settings of the Dockerfile; docs/production.md explains them. */
export const CONTAINER = {
  nodeArguments: ['--max-semi-space-size=4'],
  env: { MALLOC_TRIM_THRESHOLD_: '131072' },
} satisfies FreshServerOptions

const measureMemory = (
  { clients, withFreshServer }: Running,
  { writers: documents, ackedEdits: edits }: Sizes,
  options?: FreshServerOptions,
): Promise<Figures> =>
  withFreshServer(async ({ url, pid }) => {
    const done = clients.run('acked', { url, documents, edits })
    return { megabytes: await largestWhile(done, pid) }
  }, options)

/** The largest resident size of a process before a promise settles, in MiB. */
async function largestWhile(work: Promise<unknown>, pid: number): Promise<number> {
  let isOver = false
  const over = work.finally(() => {
    isOver = true
  })
  let largest = 0
  while (!isOver) {
    largest = Math.max(largest, await residentNow(pid))
    await Promise.race([over, sleep(100)])
  }
  await over
  return largest
}
