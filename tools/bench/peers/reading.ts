// Tasks of two client processes: many readers of one document, and one writer at the pace of a person.
import { setTimeout as sleep } from 'node:timers/promises'
import { TEXT_NAME } from '../../replay/script.ts'
import type { Client, ClientModule } from './client.ts'

interface Readers {
  readonly clients: readonly Client[]
  /**
   * The time at which the last reader received each keystroke, on the clock that all processes of the machine
   * share.
   */
  readonly arrivals: string[]
  /** Resolves when all readers have received this number of keystrokes. */
  until(keys: number): Promise<void>
}

let readers: Readers | undefined

/** Opens readers, each as a client in a separate browser. @returns the seconds until all are connected */
export async function openReaders(
  { Y, open }: ClientModule,
  { url, docId, count }: { url: string; docId: string; count: number },
): Promise<number> {
  const got: number[] = []
  const arrivals: string[] = []
  let onArrival = (): void => {}
  const read = async (): Promise<Client> => {
    const doc = new Y.Doc()
    const text = doc.getText(TEXT_NAME)
    let known = 0
    doc.on('update', () => {
      for (; known < text.length; known++) {
        got[known] = (got[known] ?? 0) + 1
        if (got[known] !== count) continue
        arrivals[known] = String(process.hrtime.bigint())
        onArrival()
      }
    })
    return open(url, docId, doc)
  }
  const began = performance.now()
  const clients = await Promise.all(Array.from({ length: count }, read))
  const seconds = (performance.now() - began) / 1_000
  const until = (keys: number): Promise<void> =>
    new Promise((resolve) => {
      onArrival = () => {
        if (arrivals.length >= keys) resolve()
      }
      onArrival()
    })
  readers = { clients, arrivals, until }
  return seconds
}

/**
 * Resolves when all readers have all keystrokes.
 * @returns the time at which the last reader received each of them
 */
export async function takeArrivals(
  _: ClientModule,
  { keys }: { keys: number },
): Promise<readonly string[]> {
  if (readers === undefined) throw new Error('no readers are open')
  await readers.until(keys)
  return readers.arrivals
}

export async function closeReaders(): Promise<void> {
  await Promise.all(readers?.clients.map((client) => client.close()) ?? [])
  readers = undefined
}

/** Presses keys at a constant pace. @returns the time of each keystroke */
export async function type(
  { Y, open }: ClientModule,
  { url, docId, keys, paceMs }: { url: string; docId: string; keys: number; paceMs: number },
): Promise<readonly string[]> {
  const doc = new Y.Doc()
  const text = doc.getText(TEXT_NAME)
  const client = await open(url, docId, doc)
  const pressed: string[] = []
  for (let key = 0; key < keys; key++) {
    const next = sleep(paceMs)
    pressed.push(String(process.hrtime.bigint()))
    text.insert(key, 'k')
    await next
  }
  await client.saved()
  await client.close()
  return pressed
}
