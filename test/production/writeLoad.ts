// Writers that keep posting updates to a server that is killed repeatedly, and that record every ack.
import { randomUUID } from 'node:crypto'
import { decodeState, statePath, updatesPath } from 'y-electric/protocol'
import * as Y from 'yjs'

interface Acked {
  readonly docId: string
  readonly seq: number
  readonly data: Uint8Array
}

export interface WriteLoad {
  readonly acked: readonly Acked[]
  /** Resolves when `count` more batches have been acked. */
  more(count: number): Promise<void>
  /** The URL of the server; null while it is down, when writers wait. */
  server: string | null
  stop(): Promise<void>
}

/** Starts writers. Each has its own document, and sends a batch until it is acked. */
export function startWriteLoad(writers: number): WriteLoad {
  const acked: Acked[] = []
  const waiting: { at: number; done: () => void }[] = []
  let isStopped = false

  const note = (ack: Acked): void => {
    acked.push(ack)
    for (const wait of [...waiting]) {
      if (acked.length < wait.at) continue
      waiting.splice(waiting.indexOf(wait), 1)
      wait.done()
    }
  }
  const pause = () => new Promise((resolve) => setTimeout(resolve, 5))

  async function write(docId: string): Promise<void> {
    for (let n = 0; !isStopped; n++) {
      const data = updateOf(`${docId} ${n} ${'x'.repeat(Math.floor(Math.random() * 400))}`)
      const batchId = randomUUID()
      while (!isStopped) {
        const seq = await post(load.server, docId, batchId, data)
        if (seq === null) {
          await pause()
          continue
        }
        note({ docId, seq, data })
        break
      }
    }
  }

  const load: WriteLoad = {
    acked,
    server: null,
    more: (count) =>
      new Promise((done) => {
        waiting.push({ at: acked.length + count, done })
      }),
    async stop() {
      isStopped = true
      await Promise.all(running)
    },
  }
  const running = Array.from({ length: writers }, () => write(`durable-${randomUUID()}`))
  return load
}

function updateOf(text: string): Uint8Array {
  const doc = new Y.Doc()
  doc.getText('t').insert(0, text)
  const update = Y.encodeStateAsUpdate(doc)
  doc.destroy()
  return update
}

async function post(
  server: string | null,
  docId: string,
  batchId: string,
  data: Uint8Array,
): Promise<number | null> {
  if (server === null) return null
  try {
    const response = await fetch(`${server}/api${updatesPath(docId)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'idempotency-key': batchId },
      body: new Uint8Array(data),
      signal: AbortSignal.timeout(10_000),
    })
    const body: { seq: number } = await response.json()
    return response.ok ? body.seq : null
  } catch {
    return null
  }
}

/** Returns the acked batches that the server does not have unchanged. */
export async function findLost(server: string, acked: readonly Acked[]): Promise<Acked[]> {
  const lost: Acked[] = []
  for (const docId of new Set(acked.map((ack) => ack.docId))) {
    const response = await fetch(`${server}/api${statePath(docId)}`)
    const { rows } = decodeState(new Uint8Array(await response.arrayBuffer()))
    const stored = new Map(rows.map(({ seq, data }) => [seq, Buffer.from(data)]))
    for (const ack of acked) {
      if (ack.docId === docId && stored.get(ack.seq)?.equals(ack.data) !== true) lost.push(ack)
    }
  }
  return lost
}
