import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { bomb } from '../compaction/testing/bomb.ts'
import { asRows } from '../compaction/testing/documents.ts'
import { MAX_IDLE_WORKERS, type WorkerOptions } from './pool.ts'
import { serverWorkers } from './run.ts'

const LIMITS: WorkerOptions = { timeoutMs: 60_000, memoryMb: 128 }

function sources(text = 'hello') {
  const doc = new Y.Doc()
  doc.getText('t').insert(0, text)
  return { previous: null, rows: asRows([Y.encodeStateAsUpdate(doc)]) }
}

/** Builds a document with this text in a worker, and reads the text of the result. */
async function build(options: Partial<WorkerOptions> = {}, text?: string): Promise<string> {
  const job = { sources: sources(text), keepHistory: false }
  return textOf(await serverWorkers.runInWorker('version', job, { ...LIMITS, ...options }))
}

function textOf({ data }: { readonly data: Uint8Array }): string {
  const doc = new Y.Doc()
  Y.applyUpdateV2(doc, data)
  return doc.getText('t').toString()
}

/** A job that does not end by itself: a tiny snapshot row that claims to hold very many structs. */
const endless = (options: Partial<WorkerOptions> = {}) =>
  serverWorkers.runInWorker(
    'checkFold',
    { sources: { ...sources(), previous: bomb() }, proposal: bomb(), keepHistory: false },
    { ...LIMITS, memoryMb: 4_096, ...options },
  )

beforeEach(() => serverWorkers.endIdleWorkers())
afterAll(() => serverWorkers.endIdleWorkers())

describe('the pool of workers', () => {
  test('keeps a worker after its job and gives it the next one', async () => {
    expect(serverWorkers.idleWorkers).toBe(0)
    for (const text of ['one', 'two', 'three']) {
      expect(await build({}, text)).toBe(text)
      expect(serverWorkers.idleWorkers).toBe(1)
    }
  })

  test('keeps a worker that refused a job', async () => {
    const job = { update: new Uint8Array(), maxStructs: 1 }
    const refused = serverWorkers.runInWorker('examine', job, LIMITS)
    await expect(refused).rejects.toMatchObject({ name: 'RequestError', code: 'empty_update' })
    expect(serverWorkers.idleWorkers).toBe(1)
  })

  test('keeps only a few idle workers', async () => {
    await Promise.all(Array.from({ length: MAX_IDLE_WORKERS + 2 }, () => build()))
    expect(serverWorkers.idleWorkers).toBe(MAX_IDLE_WORKERS)
  })

  test('replaces a worker that took too long, and does the next job', async () => {
    await expect(endless({ timeoutMs: 50 })).rejects.toMatchObject({ limit: 'time' })
    expect(await build()).toBe('hello')
  })

  test('never accepts an answer that arrives after the time limit', async () => {
    await build()
    await expect(build({ timeoutMs: 0.001 })).rejects.toMatchObject({ limit: 'time' })
  })

  test('replaces a worker that took too much memory, and does the next job', async () => {
    await expect(endless({ memoryMb: 64 })).rejects.toMatchObject({ limit: 'memory' })
    expect(await build({ memoryMb: 64 })).toBe('hello')
  })

  test('stops a job when its signal is aborted, and does not start one whose signal is already aborted', async () => {
    const controller = new AbortController()
    const running = endless({ signal: controller.signal })
    controller.abort(new Error('the client has gone'))
    await expect(running).rejects.toThrow('the client has gone')
    await expect(build({ signal: controller.signal })).rejects.toThrow('the client has gone')
  })

  test('transfers the given buffers instead of copying them', async () => {
    const given = sources('moved')
    const [row] = given.rows
    if (row === undefined) throw new Error('one row')
    const data = new Uint8Array(row.data)
    const job = {
      sources: { previous: null, rows: [{ ...row, data }] },
      keepHistory: false,
    }
    const done = serverWorkers.runInWorker('version', job, { ...LIMITS, transfer: [data.buffer] })
    expect(data.byteLength).toBe(0)
    expect(textOf(await done)).toBe('moved')
  })
})

const RUN = new URL('../../dist/work/run.js', import.meta.url).href

/** Runs a module under plain Node, optionally with few file descriptors. */
async function runModule(source: string, { descriptors = 1_024 } = {}): Promise<string> {
  const command = `ulimit -n ${descriptors} && exec "$0" --input-type=module --eval "$1"`
  const { stdout } = await promisify(execFile)('bash', ['-c', command, process.execPath, source], {
    timeout: 60_000,
  })
  return stdout.trim()
}

const JOB = `{ sources: { previous: null, rows: [] }, keepHistory: false }`

describe('a process with workers', () => {
  test('ends by itself although a worker is idle', async () => {
    const output = await runModule(`
      import { serverWorkers } from ${JSON.stringify(RUN)}
      await serverWorkers.runInWorker('version', ${JOB}, { timeoutMs: 60000, memoryMb: 64 })
      console.log('idle', serverWorkers.idleWorkers)
    `)
    expect(output).toBe('idle 1')
  })

  test('still does small jobs without free file descriptors, and large ones again when some are free', async () => {
    const output = await runModule(
      `
      import { closeSync, openSync } from 'node:fs'
      import { serverWorkers } from ${JSON.stringify(RUN)}
      const limits = { timeoutMs: 60000, memoryMb: 64 }
      const small = () => serverWorkers.runJob('version', ${JOB}, 0, { ...limits, inlineBytes: 1 })
      const large = () => serverWorkers.runJob('version', ${JOB}, 2, { ...limits, inlineBytes: 1 })
      const say = (work) => work().then(() => 'done', () => 'failed')
      const open = []
      try { for (;;) open.push(openSync('/dev/null')) } catch {}
      const without = [await say(small), await say(large)]
      open.forEach((fd) => closeSync(fd))
      console.log(...without, await say(small), await say(large))
    `,
      { descriptors: 256 },
    )
    expect(output).toBe('done failed done done')
  })
})
