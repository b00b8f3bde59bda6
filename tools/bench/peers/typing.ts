// Tasks of a client process that write: keys, many edits at once, acknowledged edits.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { TEXT_NAME } from '../../replay/script.ts'
import { untilLength } from '../pair.ts'
import type { ClientModule } from './client.ts'

interface Place {
  readonly url: string
}

/** Opens clients of one new document. */
async function openClients({ Y, open }: ClientModule, url: string, count: number) {
  const docId = `peers-${randomUUID()}`
  return Promise.all(
    Array.from({ length: count }, async () => {
      const doc = new Y.Doc()
      const client = await open(url, docId, doc)
      return { doc, text: doc.getText(TEXT_NAME), ...client }
    }),
  )
}

type Opened = Awaited<ReturnType<typeof openClients>>[number]

const closeAll = (clients: readonly Opened[]): Promise<unknown> =>
  Promise.all(clients.map((client) => client.close()))

/** Opens a writer and a reader of a new document. */
async function openTwo(module: ClientModule, url: string) {
  const clients = await openClients(module, url, 2)
  const [writer, reader] = clients
  if (writer === undefined || reader === undefined) throw new Error('two clients were opened')
  return { writer, reader, close: () => closeAll(clients) }
}

/** Presses keys. @returns the milliseconds from each key to the document of another client */
export async function keys(
  module: ClientModule,
  { url, keys, warmUp, paceMs }: Place & { keys: number; warmUp: number; paceMs: number },
): Promise<number[]> {
  const { writer, reader, close } = await openTwo(module, url)
  const measured: number[] = []
  for (let key = 0; key < warmUp + keys; key++) {
    const next = paceMs > 0 ? sleep(paceMs) : undefined
    const arrived = untilLength(reader.text, key + 1)
    const began = performance.now()
    writer.text.insert(key, 'k')
    await arrived
    if (key >= warmUp) measured.push(performance.now() - began)
    await writer.saved()
    await next
  }
  await close()
  return measured
}

/** Makes many edits at once. @returns the milliseconds until another client has them all */
export async function burst(
  module: ClientModule,
  { url, edits }: Place & { edits: number },
): Promise<number> {
  const { writer, reader, close } = await openTwo(module, url)
  const arrived = untilLength(reader.text, edits)
  const began = performance.now()
  for (let index = 0; index < edits; index++) writer.text.insert(index, 'b')
  await arrived
  const ms = performance.now() - began
  await writer.saved()
  await close()
  return ms
}

/** One writer for each document makes an edit after each acknowledgement. */
export async function acked(
  module: ClientModule,
  { url, documents, edits }: Place & { documents: number; edits: number },
): Promise<{ seconds: number; cpuMs: number }> {
  const opened = Array.from({ length: documents }, () => openClients(module, url, 1))
  const writers = (await Promise.all(opened)).flat()
  const [began, before] = [performance.now(), process.cpuUsage()]
  let made = 0
  const write = async ({ text, saved }: Opened): Promise<void> => {
    while (made < edits) {
      made += 1
      text.insert(text.length, 'a')
      await saved()
    }
  }
  await Promise.all(writers.map(write))
  const seconds = (performance.now() - began) / 1_000
  const { user, system } = process.cpuUsage(before)
  await closeAll(writers)
  return { seconds, cpuMs: (user + system) / 1_000 }
}
