// The rows of the table that only our servers have: plain requests, without a client.
import http from 'node:http'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ServerProcess, startServerProcess } from '../../../test/harness/serverProcess.ts'
import { keystroke, postUpdate, send } from '../capacity.ts'
import { inspect, updatesOf, writeDocument } from '../inspect.ts'
import { median } from '../statistics.ts'
import { newDocument, type Running } from './contenders.ts'
import type { Figures } from './rounds.ts'
import type { PeersRow, Sizes } from './rows.ts'

const has = ({ contender }: Running): boolean => contender.isOurs

const INSPECTED_BYTES = 100_000
const INSPECTED_FORMAT = 'json'
const PREPARED_UPDATES = 500

export const ownRows: readonly PeersRow[] = [
  {
    name: 'append',
    has,
    figures: [
      { key: 'post', title: 'POST updates to its answer, warm', unit: 'ms' },
      {
        key: 'warm',
        title: 'POST updates to its answer, warm',
        unit: '÷ (404 + INSERT)',
        aim: '≤ 1.5',
      },
      { key: 'pacedPost', title: 'POST updates to its answer, paced', unit: 'ms' },
      {
        key: 'paced',
        title: 'POST updates to its answer, paced',
        unit: '÷ (404 + INSERT)',
        aim: '≤ 1.5',
      },
    ],
    measure: measureAppend,
  },
  {
    name: 'capacity',
    has,
    figures: [
      {
        key: 'many',
        title: 'capacity, 20 writers, 20 documents',
        unit: 'updates/s',
        aim: '≥ 4,000 native, ≥ 2,000 PGlite',
      },
      { key: 'one', title: 'capacity, 20 writers, 1 document', unit: 'updates/s' },
    ],
    measure: measureCapacity,
  },
  {
    name: 'inspection',
    has,
    figures: [{ key: 'ms', title: 'inspection of 100 KB', unit: 'ms', aim: '≤ 60' }],
    async measure({ server, once }) {
      const mountPoint = `${server.url}/api`
      const docId = await once('inspected', () =>
        writeDocument(mountPoint, updatesOf(INSPECTED_BYTES)),
      )
      return { ms: await inspect(mountPoint, docId, INSPECTED_FORMAT) }
    },
  },
]

async function measureAppend(contender: Running, sizes: Sizes): Promise<Figures> {
  const { url } = await contender.once('sql', () => startSqlServer(contender))
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const docId = newDocument()
  const post = (): Promise<void> => postUpdate(`${url}/api`, docId, agent, keystroke())
  const bare = newDocument()
  await request(agent, 'PUT', `${url}/sql/${bare}`)
  const insert = (): Promise<void> => request(agent, 'POST', `${url}/sql/${bare}`, keystroke())
  // The two measurements alternate, so that both run under the same load.
  const measure = async (paceMs: number) => {
    const [posts, inserts]: [number[], number[]] = [[], []]
    for (let key = 0; key < sizes.warmUpKeys + sizes.keys; key++) {
      for (const [work, times] of [
        [post, posts],
        [insert, inserts],
      ] as const) {
        const began = performance.now()
        await work()
        if (key >= sizes.warmUpKeys) times.push(performance.now() - began)
        if (paceMs > 0) await sleep(paceMs)
      }
    }
    return { post: median(posts), share: median(posts) / median(inserts) }
  }
  const warm = await measure(0)
  const paced = await measure(sizes.paceMs)
  agent.destroy()
  return { post: warm.post, warm: warm.share, pacedPost: paced.post, paced: paced.share }
}

/**
 * Starts the server of ../server.ts. An INSERT over HTTP costs as much there as a 404 answer plus the INSERT.
 */
async function startSqlServer({ contender: { env }, onStop }: Running): Promise<ServerProcess> {
  const server = await startServerProcess({
    script: path.join(import.meta.dirname, '../server.ts'),
    nodeArguments: ['--import', 'tsx'],
    env,
  })
  onStop(() => server.stop())
  return server
}

function request(agent: http.Agent, method: string, url: string, body?: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent }, (response) => {
      response.resume()
      response.once('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve()
        else reject(new Error(`${method} ${url} was answered with ${response.statusCode}`))
      })
    })
    request.once('error', reject)
    request.end(body)
  })
}

async function measureCapacity(
  { server: { url } }: Running,
  { writers, ackedEdits: updates }: Sizes,
): Promise<Figures> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: writers })
  const bodies = Array.from({ length: PREPARED_UPDATES }, () => keystroke())
  const rate = async (documents: number): Promise<number> => {
    const began = performance.now()
    await send(url, agent, bodies, { writers, documents, updates })
    return (updates * 1_000) / (performance.now() - began)
  }
  const figures = { many: await rate(20), one: await rate(1) }
  agent.destroy()
  return figures
}
