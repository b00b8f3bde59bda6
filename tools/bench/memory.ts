// Measures the memory of the server after documents were written and closed.
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { ServerProcess } from '../../test/harness/serverProcess.ts'
import { openPair, untilLength } from './pair.ts'
import { round } from './statistics.ts'
import type { Report, Row } from './table.ts'
import { onEachTarget, type Target, withServer } from './targets.ts'

const documents = 500
const rowsEach = 5
const atOnce = 20
/** Documents before the measurement, which load the database and the code. */
const warmUpDocuments = 20
/** Longer than 60 s, after which the shape service drops a shape without readers. */
const longPauseMs = 75_000

export async function benchMemory(): Promise<Report> {
  return {
    title: `memory: the server’s resident size before and after ${documents} documents were written and closed`,
    rows: await onEachTarget(measureTarget),
    notes: [
      `Each document has a writer, a live reader and ${rowsEach} rows; then both clients leave. “before” is after ${warmUpDocuments} such documents.`,
      `“at once” is 2 s after the last client has left, “after” is ${longPauseMs / 1_000} s after that; garbage is collected before each reading. MB are MiB.`,
    ],
  }
}

/** The arguments of a server, so that its garbage can be collected before each reading. */
export const collectable = {
  nodeArguments: [
    '--expose-gc',
    '--import',
    pathToFileURL(path.join(import.meta.dirname, 'exposeGc.mjs')).href,
  ],
}

function measureTarget(target: Target): Promise<Row> {
  return withServer(
    target,
    async (server) => {
      await writeAndLeave(server, 1)
      const started = await residentMegabytes(server)
      await writeAndLeave(server, warmUpDocuments)
      const before = await residentMegabytes(server)
      await writeAndLeave(server, documents)
      const atOnce = await residentMegabytes(server)
      await sleep(longPauseMs)
      const after = await residentMegabytes(server)
      return {
        backend: target.name,
        'first document MB': started,
        'before MB': before,
        'at once MB': atOnce,
        'after MB': after,
        'difference MB': round(after - before, 1),
        aim: '≤ 30 MB',
      }
    },
    collectable,
  )
}

async function writeAndLeave({ url }: ServerProcess, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => randomUUID())
  const next = async () => {
    while (ids.pop() !== undefined) await writeOne(`${url}/api`)
  }
  await Promise.all(Array.from({ length: atOnce }, next))
}

async function writeOne(mountPoint: string): Promise<void> {
  const pair = await openPair(mountPoint)
  for (let row = 0; row < rowsEach; row++) {
    pair.written.insert(0, `A line of an ordinary document, number ${row}.\n`)
    await pair.writer.whenSaved()
  }
  await untilLength(pair.read, pair.written.length)
  await pair.close()
}

/** The memory of a server after garbage collection, in MiB. */
export async function residentMegabytes({ pid }: ServerProcess): Promise<number> {
  await sleep(2_000)
  process.kill(pid, 'SIGUSR2')
  await sleep(1_000)
  return residentNow(pid)
}

/** The memory of a process without a garbage collection, in MiB. */
export async function residentNow(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => {
    throw new Error('the resident size is read from /proc, which this system does not have')
  })
  // Includes swapped pages, because swapping would make a server look smaller than it is.
  const kilobytes = ['VmRSS', 'VmSwap']
    .map((field) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0))
    .reduce((sum, value) => sum + value)
  return round(kilobytes / 1024, 1)
}
