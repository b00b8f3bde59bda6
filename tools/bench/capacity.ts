// Measures how many updates a server stores per second. A load generator sends plain requests, and each is
// answered after its commit.
import { randomInt, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import { IDEMPOTENCY_KEY_HEADER, UPDATE_MEDIA_TYPE, updatesPath } from 'y-electric/protocol'
import * as Y from 'yjs'
import { round } from './statistics.ts'
import type { Report, Row } from './table.ts'
import { onEachTarget, type Target, withServer } from './targets.ts'

interface Load {
  readonly writers: number
  readonly documents: number
  readonly updates: number
}

/**
 * The number of writers, and of the documents that they write. Each writer sends an update after each answer.
 */
const loads: readonly Load[] = [
  { writers: 1, documents: 1, updates: 500 },
  { writers: 20, documents: 1, updates: 4_000 },
  { writers: 20, documents: 20, updates: 4_000 },
  { writers: 64, documents: 20, updates: 6_000 },
]
const preparedUpdates = 500

export async function benchCapacity(): Promise<Report> {
  return {
    title: 'capacity: stored updates per second',
    rows: (await onEachTarget(measureTarget)).flat(),
    notes: [
      'The load generator keeps its connections, and shares the machine with the server and its database.',
      'Each load runs once before it is measured. “ratio” is relative to one writer on the same backend.',
      '“CPU ms” is the processor time of the server for each update, on systems with /proc.',
    ],
  }
}

function measureTarget(target: Target): Promise<Row[]> {
  return withServer(target, async ({ url, pid }) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
    const updates = Array.from({ length: preparedUpdates }, () => keystroke())
    const rows: Row[] = []
    let single = 0
    for (const load of loads) {
      await send(url, agent, updates, load)
      const [before, began] = [await cpuSeconds(pid), performance.now()]
      await send(url, agent, updates, load)
      const seconds = (performance.now() - began) / 1_000
      const cpu = (await cpuSeconds(pid)) - before
      const rate = load.updates / seconds
      if (load.writers === 1) single = rate
      rows.push({
        backend: target.name,
        writers: load.writers,
        documents: load.documents,
        'updates/s': round(rate, 0),
        ratio: round(rate / single, 1),
        'CPU ms': Number.isNaN(cpu) ? '' : round((cpu * 1_000) / load.updates, 2),
      })
    }
    agent.destroy()
    return rows
  })
}

/** Sends updates to new documents. Each writer waits for an answer before it sends the next. */
export async function send(
  url: string,
  agent: http.Agent,
  bodies: readonly Uint8Array[],
  { writers, documents, updates }: Load,
): Promise<void> {
  const docIds = Array.from({ length: documents }, () => randomUUID())
  let sent = 0
  const write = async (writer: number): Promise<void> => {
    while (sent < updates) {
      const body = bodies[sent % bodies.length] as Uint8Array
      sent += 1
      await postUpdate(`${url}/api`, docIds[writer % documents] as string, agent, body)
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
}

/** Uses Node's own HTTP client, because `fetch` takes more processor time than the measured server. */
export function postUpdate(
  mountPoint: string,
  docId: string,
  agent: http.Agent,
  body: Uint8Array,
): Promise<void> {
  const url = `${mountPoint}${updatesPath(docId)}`
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': UPDATE_MEDIA_TYPE,
      'content-length': body.byteLength,
      [IDEMPOTENCY_KEY_HEADER]: randomUUID(),
    }
    const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume()
      response.once('end', () => {
        if (response.statusCode === 201) resolve()
        else reject(new Error(`the server answered ${response.statusCode}`))
      })
    })
    request.once('error', reject)
    request.end(body)
  })
}

/** The processor time of a process so far, in seconds; NaN where there is no /proc. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The fields after the name, which may contain any character, include user and system time in 1/100 s.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** A letter of a new client. */
export function keystroke(): Uint8Array {
  const doc = new Y.Doc({ guid: 'capacity' })
  doc.clientID = randomInt(2 ** 28, 2 ** 32)
  doc.getText('body').insert(0, 'x')
  return Y.encodeStateAsUpdate(doc)
}
