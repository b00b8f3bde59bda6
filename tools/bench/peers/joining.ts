// Tasks of a client process that open documents: one with a history, and one that was open before.
import { setTimeout as sleep } from 'node:timers/promises'
import { TEXT_NAME } from '../../replay/script.ts'
import type { Client, ClientModule } from './client.ts'
import { type Meter, meterOf } from './meter.ts'

/** The time in which traffic of a client still counts after it has connected, in milliseconds. */
const SETTLE_MS = 300

interface Place {
  readonly url: string
  readonly docId: string
}

/** The number of one-letter edits in a row, as if a client had collected them while it waited. */
const EDITS_IN_ROW = 20

/** Clients that stay connected until the process ends: a server without a store drops a document that nobody has open. */
const kept: Client[] = []

/** Writes a history of many rows. */
export async function write(
  { Y, open }: ClientModule,
  { url, docId, rows }: Place & { rows: number },
): Promise<void> {
  const doc = new Y.Doc()
  const text = doc.getText(TEXT_NAME)
  const client = await open(url, docId, doc)
  for (let row = 0; row < rows; row++) {
    doc.transact(() => {
      for (let edit = 0; edit < EDITS_IN_ROW; edit++) {
        // Words in several places of the text, as a person writes them: neither one long run of letters nor
        // random edits.
        const at = (row * 7 + edit) % 11 === 0 ? Math.floor(text.length / 2) : text.length
        text.insert(at, edit % 6 === 5 ? ' ' : String.fromCharCode(97 + ((row + edit * 5) % 26)))
      }
    })
    await client.saved()
  }
  kept.push(client)
}

export async function compact({ compact }: ClientModule, { url, docId }: Place): Promise<void> {
  if (compact === undefined) throw new Error('this client does not compact')
  await compact(url, docId)
}

/**
 * Opens the document with a client that stores nothing.
 * @returns milliseconds, and bytes on the wire for each byte of v2
 */
export async function join(
  module: ClientModule,
  { url, docId }: Place,
): Promise<{ ms: number; share: number }> {
  const { Y, open } = module
  const doc = new Y.Doc()
  const began = performance.now()
  const client = await open(url, docId, doc)
  const ms = performance.now() - began
  await client.close()
  const bytes = await metered(url, async (meter) => {
    const client = await open(meter.url, docId, new Y.Doc())
    // The bytes are read before the connection closes, because closing sends bytes that are not part of the
    // join.
    const bytes = meter.bytes()
    await client.close()
    return bytes
  })
  return { ms, share: bytes / Y.encodeStateAsUpdateV2(doc).byteLength }
}

/** Opens the document again with a client that has the whole document. */
export async function reload(
  { Y, open, createDevice }: ClientModule,
  { url, docId }: Place,
): Promise<{ requests: number; bytes: number }> {
  const device = createDevice?.()
  kept.push(await open(url, docId, new Y.Doc()))
  return metered(url, async (meter) => {
    const doc = new Y.Doc()
    const first = await open(meter.url, docId, doc, device)
    doc.getText(TEXT_NAME).insert(0, 'Some text.\n')
    await first.saved()
    await sleep(SETTLE_MS)
    await first.close()
    const again = new Y.Doc()
    // An app whose provider has no store keeps the document in its own store, which is not measured.
    if (device === undefined) Y.applyUpdate(again, Y.encodeStateAsUpdate(doc))
    meter.reset()
    const second = await open(meter.url, docId, again, device)
    await sleep(SETTLE_MS)
    const cost = { requests: meter.requests(), bytes: meter.bytes() }
    await second.close()
    return cost
  })
}

async function metered<T>(url: string, use: (meter: Meter) => Promise<T>): Promise<T> {
  const meter = await meterOf(url)
  try {
    return await use(meter)
  } finally {
    await meter.close()
  }
}
