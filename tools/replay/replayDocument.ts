// Replays into one document, from the first edit to the comparison with a cold reader.
import { randomUUID } from 'node:crypto'
import { ElectricProvider, type ElectricProviderError } from 'y-electric'
import { decodeState, statePath } from 'y-electric/protocol'
import * as Y from 'yjs'
import type { History } from '../../test/harness/history.ts'
import { expectConverged, NotConverged } from '../../test/harness/oracle.ts'
import { type Script, TEXT_NAME } from './script.ts'
import { countingFetch, type Traffic } from './traffic.ts'
import { performSteps } from './writer.ts'

export interface ReplayOptions {
  readonly mountPoint: string
  readonly history: History
  readonly script: Script
  readonly docId?: string
  /** Called after edits are made and after rows are acknowledged. */
  readonly onProgress?: (progress: { edits: number; rows: number }) => void
  /** The time without data from the server after which the replay fails. */
  readonly patienceMs?: number
}

export interface ReplayResult {
  readonly docId: string
  readonly edits: number
  /** The number of new rows, counted from the server's answers to the writers. */
  readonly rows: number
  /** The content of the stored document at the end. */
  readonly stored: { readonly rows: number; readonly bytes: number }
  readonly sentBytes: number
  readonly liveBytes: number
  readonly coldBytes: number
  /** From the first edit until all edits are acknowledged and all live clients have them. */
  readonly seconds: number
  /** Until the cold reader has the document. */
  readonly coldSeconds: number
  /**
   * For each reader: null if it agrees with the recorded text and with the writers, otherwise the difference.
   */
  readonly disagreements: {
    readonly writer: string | null
    readonly liveReader: string | null
    readonly coldReader: string | null
  }
}

export class ReplayFailed extends Error {
  override name = 'ReplayFailed'
}

/** Replays into a new document, over HTTP and only through the public provider. */
export async function replayDocument(options: ReplayOptions): Promise<ReplayResult> {
  const replay = new Replay(options)
  try {
    return await replay.run()
  } finally {
    await replay.end()
  }
}

interface Participant {
  readonly provider: ElectricProvider
  readonly traffic: Traffic
}

class Replay {
  readonly #options: ReplayOptions
  readonly #docId: string
  readonly #providers: ElectricProvider[] = []
  readonly #aborter = new AbortController()
  readonly #failed: Promise<never>
  #fail: (error: Error) => void = () => {}
  #lastError: ElectricProviderError | null = null
  #movedAt = performance.now()
  readonly #watch: NodeJS.Timeout

  constructor(options: ReplayOptions) {
    this.#options = options
    this.#docId = options.docId ?? `replay-${randomUUID()}`
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject
    })
    // A client may fail after the replay has ended.
    this.#failed.catch(() => {})
    const patienceMs = options.patienceMs ?? 60_000
    this.#watch = setInterval(() => {
      if (performance.now() - this.#movedAt < patienceMs) return
      const seconds = Math.round(patienceMs / 1_000)
      const last =
        this.#lastError === null ? '' : `; the last error was: ${this.#lastError.message}`
      this.#fail(new ReplayFailed(`the server sent nothing for ${seconds} seconds${last}`))
    }, 1_000)
  }

  run(): Promise<ReplayResult> {
    return Promise.race([this.#run(), this.#failed])
  }

  async end(): Promise<void> {
    clearInterval(this.#watch)
    this.#aborter.abort(new ReplayFailed('the replay was ended'))
    for (const provider of this.#providers) {
      await provider.destroy()
      provider.doc.destroy()
    }
  }

  async #run(): Promise<ReplayResult> {
    const { history, script } = this.#options
    const live = this.#join()
    const writers = script.map(() => this.#join())
    const joined = [live, ...writers]
    await Promise.all(joined.map(({ provider }) => untilConnected(provider)))

    const began = performance.now()
    const edits = await this.#write(writers)
    await Promise.all(writers.map(({ provider }) => provider.whenSaved()))
    await this.#untilAlike(joined.map(({ provider }) => provider.doc))
    const seconds = (performance.now() - began) / 1_000

    const coldBegan = performance.now()
    const cold = this.#join()
    await cold.provider.whenSynced()
    const coldSeconds = (performance.now() - coldBegan) / 1_000
    const coldBytes = cold.traffic.receivedBytes
    const [first, ...others] = writers.map(({ provider }) => provider.doc)
    if (first === undefined) throw new ReplayFailed('the recording has no writer')
    return {
      docId: this.#docId,
      edits,
      rows: sum(writers, ({ traffic }) => traffic.rows),
      stored: await this.#readStored(),
      sentBytes: sum(writers, ({ traffic }) => traffic.sentBytes),
      liveBytes: live.traffic.receivedBytes,
      coldBytes,
      seconds,
      coldSeconds,
      disagreements: {
        writer: judge(history, [first, ...others]),
        liveReader: judge(history, [live.provider.doc, first]),
        coldReader: judge(history, [cold.provider.doc, first]),
      },
    }
  }

  async #write(writers: readonly Participant[]): Promise<number> {
    const { script, onProgress } = this.#options
    let edits = 0
    const onEdits = (count: number) => {
      edits += count
      onProgress?.({ edits, rows: sum(writers, ({ traffic }) => traffic.rows) })
    }
    const { signal } = this.#aborter
    await Promise.all(
      writers.map(({ provider }, agent) =>
        performSteps({ provider, steps: script[agent] ?? [], signal, onEdits }),
      ),
    )
    return edits
  }

  #join(): Participant {
    const { fetch, traffic } = countingFetch(() => {
      this.#movedAt = performance.now()
    })
    const provider = new ElectricProvider({
      url: this.#options.mountPoint,
      docId: this.#docId,
      doc: new Y.Doc({ guid: 'replayed' }),
      fetch,
    })
    this.#providers.push(provider)
    provider.on('error', (error) => {
      this.#lastError = error
      // A refusal is final; the provider tries again if it cannot reach the server.
      if (provider.status === 'refused' || provider.status === 'auth-failed') {
        this.#fail(new ReplayFailed(`the server refused: ${error.message} (${error.code})`))
      }
    })
    return { provider, traffic }
  }

  /** Waits until all documents are equal. Fails if nothing arrives for too long. */
  async #untilAlike(docs: readonly Y.Doc[]): Promise<void> {
    const quietMs = 10_000
    while (!areAlike(docs) && performance.now() - this.#movedAt < quietMs) {
      await nextUpdate(docs, 200)
    }
  }

  async #readStored(): Promise<{ rows: number; bytes: number }> {
    const response = await fetch(this.#options.mountPoint + statePath(this.#docId))
    if (!response.ok) throw new ReplayFailed(`reading the document: status ${response.status}`)
    const { snapshot, rows } = decodeState(new Uint8Array(await response.arrayBuffer()))
    const bytes = sum(rows, ({ data }) => data.byteLength) + (snapshot?.data?.byteLength ?? 0)
    return { rows: rows.length + (snapshot === null ? 0 : 1), bytes }
  }
}

/** Waits until the provider is synced and reads the live stream. */
export function untilConnected(provider: ElectricProvider): Promise<void> {
  if (provider.status === 'connected') return Promise.resolve()
  return new Promise((resolve) => {
    const look = () => {
      if (provider.status !== 'connected') return
      provider.off('status', look)
      resolve()
    }
    provider.on('status', look)
  })
}

/** Compares state vectors and delete sets; the oracle compares the contents. */
function areAlike(docs: readonly Y.Doc[]): boolean {
  const [first, ...others] = docs.map((doc) => Y.encodeStateVector(doc).join())
  if (others.some((vector) => vector !== first)) return false
  const [deletes, ...otherDeletes] = docs.map((doc) => Y.createDeleteSetFromStructStore(doc.store))
  return deletes === undefined || otherDeletes.every((other) => Y.equalDeleteSets(deletes, other))
}

function nextUpdate(docs: readonly Y.Doc[], atMostMs: number): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      clearTimeout(timer)
      for (const doc of docs) doc.off('update', settle)
      resolve()
    }
    const timer = setTimeout(settle, atMostMs)
    for (const doc of docs) doc.on('update', settle)
  })
}

/** Returns null if the documents have the recorded text and the same edits, otherwise the difference. */
function judge(history: History, docs: readonly Y.Doc[]): string | null {
  const [first] = docs
  const text = first?.getText(TEXT_NAME).toString()
  if (text !== history.endContent) {
    return `its text (${text?.length} characters) differs from the recorded text (${history.endContent.length} characters)`
  }
  try {
    expectConverged(docs)
    return null
  } catch (error) {
    if (error instanceof NotConverged) return error.message
    throw error
  }
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0)
