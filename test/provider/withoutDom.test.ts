// Runtimes without a page: a worker, and one whose `fetch` is like React Native's, which returns an
// answer only when it is complete. The library runs in a separate thread without these globals.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { build, defaultClientConditions } from 'vite'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId } from '../e2e/server.ts'
import { someOf } from '../harness/deep.ts'
import { connected, useProviderSetup } from './setup.ts'
import type { Order, Report, WorkerSetup } from './withoutDom/messages.ts'

const setup = useProviderSetup()
let script: string
let worker: Worker | undefined

beforeAll(async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-worker-'))
  await build({
    configFile: false,
    logLevel: 'warn',
    resolve: {
      conditions: ['y-electric-source', ...defaultClientConditions],
      dedupe: ['yjs', 'lib0', 'y-protocols'],
    },
    build: {
      outDir: folder,
      minify: false,
      target: 'es2022',
      lib: {
        entry: path.join(import.meta.dirname, 'withoutDom/worker.ts'),
        formats: ['es'],
        fileName: () => 'worker.mjs',
      },
      rollupOptions: { external: [/^node:/] },
    },
  })
  script = path.join(folder, 'worker.mjs')
  return () => rm(folder, { recursive: true })
})
afterEach(() => worker?.terminate())

/** Starts a client in a worker. */
function startWorkerClient(options: Pick<WorkerSetup, 'docId' | 'live' | 'fetchLike'>) {
  const started = new Worker(script, { workerData: { url: setup.server.url, ...options } })
  worker = started
  let last: Report | undefined
  const failures: unknown[] = []
  started.on('message', (report: Report) => {
    last = report
  })
  started.on('error', (error) => failures.push(error))
  return {
    failures,
    left: () => last?.left ?? null,
    ask: (order: Order) => started.postMessage(order),
    sees: (expected: Partial<Report>) => eventually(() => expect(last).toMatchObject(expected)),
  }
}

const ways = [
  { fetchLike: 'native', live: 'sse' },
  { fetchLike: 'react-native', live: 'long-poll' },
  { fetchLike: 'native', live: 'long-poll' },
  { fetchLike: 'react-native', live: 'sse' },
] as const

test.each(someOf(ways, 2))(
  '$fetchLike fetch, $live: syncs, saves, shows others, and ends',
  async (options) => {
    const docId = freshDocId()
    const doc = new Y.Doc()
    const awareness = new Awareness(doc)
    awareness.setLocalState({ name: 'Bob' })
    const bob = await connected(setup.open({ docId, doc, awareness }))
    bob.type('Bob was here. ')
    await bob.provider.whenSaved()

    const ada = startWorkerClient({ docId, ...options })
    await ada.sees({ text: 'Bob was here. ', status: 'connected', saved: true })
    ada.ask({ type: 'write', text: 'Ada too. ' })
    await eventually(() => bob.text.toString().endsWith('Ada too. '))
    await ada.sees({ saved: true })

    // The text arrives live, and not after the ten seconds for which the client waits for a stream to begin.
    for (const word of ['One. ', 'Two. ', 'Three. ']) {
      const told = performance.now()
      bob.type(word)
      await ada.sees({ text: bob.text.toString() })
      expect(performance.now() - told).toBeLessThan(5_000)
    }
    await ada.sees({ names: ['Bob', 'worker'], errors: [], status: 'connected' })

    ada.ask({ type: 'destroy' })
    // No socket and no stream is left that would keep the worker alive. The test's message port is left, and
    // a timer of Electric's client, which sometimes stores the position of the stream.
    const harmless = ['MessagePort', 'Timeout']
    await eventually(() =>
      expect(ada.left()?.filter((name) => !harmless.includes(name))).toEqual([]),
    )
    expect(ada.left()?.filter((name) => name === 'Timeout').length).toBeLessThanOrEqual(1)
    expect(ada.failures).toEqual([])
    await eventually(() => expect(awareness.getStates().size).toBe(1))
    awareness.destroy()
  },
)
