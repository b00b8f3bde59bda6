// A client in a worker.
import './strip.ts'
import { parentPort, workerData } from 'node:worker_threads'
import { ElectricProvider } from 'y-electric'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { Order, Report, WorkerSetup } from './messages.ts'

const { url, docId, live } = workerData as WorkerSetup
const doc = new Y.Doc()
const text = doc.getText('body')
const awareness = new Awareness(doc)
awareness.setLocalState({ name: 'worker' })
const errors: string[] = []
let isDestroyed = false
const provider = new ElectricProvider({
  url,
  docId,
  doc,
  awareness,
  live,
  retry: { baseMs: 1, maxMs: 20 },
})

const tell = () => {
  const { saved, status } = provider
  const names = [...awareness.getStates().values()].map(({ name }) => String(name)).sort()
  const left = isDestroyed ? process.getActiveResourcesInfo() : null
  const report: Report = { text: text.toString(), saved, status, errors, names, left }
  parentPort?.postMessage(report)
}
provider.on('error', ({ code, message }) => errors.push(`${code}: ${message}`))
for (const name of ['status', 'synced', 'saved', 'error'] as const) provider.on(name, tell)
doc.on('update', tell)
awareness.on('change', tell)

parentPort?.on('message', async (order: Order) => {
  if (order.type === 'write') {
    text.insert(text.length, order.text)
    return
  }
  await provider.destroy()
  doc.destroy()
  isDestroyed = true
  setInterval(tell, 50).unref()
})
tell()
