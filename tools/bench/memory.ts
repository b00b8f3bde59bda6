// What the server holds after documents were written and left.
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
/** The database and the code itself take their share once, whoever comes. */
const warmUpDocuments = 20
/** The shape service forgets a shape that nobody has read for 60 s. */
const longPauseMs = 75_000

export async function benchMemory(): Promise<Report> {
  return {
    title: `memory: the server’s resident size, before and after ${documents} documents were written and left`,
    rows: await onEachTarget(measureTarget),
    notes: [
      `Each document: a writer and a live reader, ${rowsEach} rows, then both leave. “before” is after ${warmUpDocuments} such documents.`,
      `“at once” is 2 s after the last has left, “after” ${longPauseMs / 1_000} s; garbage is collected before each reading. MB are MiB.`,
    ],
  }
}

/** What a server is started with, so that its garbage can be collected before each reading. */
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

/** What a server holds once it has thrown away what it does not need, in MiB. */
export async function residentMegabytes({ pid }: ServerProcess): Promise<number> {
  await sleep(2_000)
  process.kill(pid, 'SIGUSR2')
  await sleep(1_000)
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => {
    throw new Error('The resident size is read from /proc, which this system does not have')
  })
  // A system that swaps idle pages out would make a server look smaller than it is.
  const kilobytes = ['VmRSS', 'VmSwap']
    .map((field) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0))
    .reduce((sum, value) => sum + value)
  return round(kilobytes / 1024, 1)
}
