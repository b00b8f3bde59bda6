import { randomInt } from 'node:crypto'
import { formatHandle, type HandleName } from './handle.ts'
import { type PgSnapshot, snapshotFields } from './visibility.ts'

const MAKER = String(randomInt(2 ** 47))

/** A shape's rows at one moment, written as messages. */
export class Snapshot {
  readonly name: HandleName
  readonly handle: string
  /** The transactions that the rows contain. */
  readonly visible: PgSnapshot
  readonly bytes: number
  /** The messages of each chunk, joined by commas at the first read. */
  readonly #chunks: (readonly string[])[]

  constructor(
    of: { shape: string; lsn: number; chunkBytes: number },
    messages: readonly string[],
    visible: PgSnapshot,
  ) {
    const { shape, lsn, chunkBytes } = of
    const end = JSON.stringify({ headers: { control: 'snapshot-end', ...snapshotFields(visible) } })
    this.#chunks = intoChunks(messages, end, chunkBytes)
    // Another service reads the same rows in another order and cuts the chunks elsewhere.
    const maker = this.#chunks.length > 1 ? MAKER : null
    this.name = { shape, lsn, visible, maker }
    this.handle = formatHandle(this.name)
    this.visible = visible
    this.bytes = messages.reduce((sum, message) => sum + message.length, end.length)
  }

  get chunkCount(): number {
    return this.#chunks.length
  }

  /** The messages of a chunk, joined by commas. */
  chunk(index: number): string {
    const messages = this.#chunks[index] ?? []
    const joined = messages.join(',')
    if (messages.length > 1) this.#chunks[index] = [joined]
    return joined
  }
}

function intoChunks(messages: readonly string[], end: string, chunkBytes: number): string[][] {
  const chunks: string[][] = []
  let current: string[] = []
  let bytes = 0
  for (const message of messages) {
    if (bytes >= chunkBytes) {
      chunks.push(current)
      current = []
      bytes = 0
    }
    current.push(message)
    bytes += message.length
  }
  // The snapshot-end message never forms a chunk by itself.
  current.push(end)
  chunks.push(current)
  return chunks
}
