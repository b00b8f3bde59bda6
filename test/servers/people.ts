import { expect } from 'vitest'
import { statePath } from 'y-electric/protocol'
import { openClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId } from '../e2e/server.ts'

/** The server in front of the API. */
export interface Front {
  /** False if it removes `Content-Encoding` from answers, so that the API sends them as they are. */
  readonly passesOnEncoding: boolean
}

/**
 * Two people write in one document, in both modes: through a stream of the document, and through one that they share with
 * other documents, whose request has a JSON body. Then somebody who joins reads the whole, compressed once.
 */
export async function writeTogether(
  url: string,
  front: Front = { passesOnEncoding: true },
): Promise<void> {
  for (const live of ['sse', 'shared'] as const) {
    const docId = freshDocId('mounted')
    const [ada, bob] = [openClient({ url, docId, live }), openClient({ url, docId, live })]
    try {
      await eventually(() => bob.provider.status === 'connected')
      ada.type('Dear Bob. '.repeat(200))
      await eventually(() => bob.text.length === 2_000)
      bob.type('Dear Ada')
      await eventually(() => ada.text.toString().endsWith('Dear Ada'))
      expect([...ada.errors, ...bob.errors]).toEqual([])
      await expectReadable(url + statePath(docId), front.passesOnEncoding ? 'gzip' : null)
    } finally {
      await Promise.all([ada.close(), bob.close()])
    }
  }
}

/** `fetch` undoes the compressions that the header names: one that it does not name would leave other bytes. */
async function expectReadable(url: string, encoding: 'gzip' | null): Promise<void> {
  const [plain, compressed] = await Promise.all(
    ['identity', 'gzip'].map((accepted) =>
      fetch(url, { headers: { 'accept-encoding': accepted } }),
    ),
  )
  expect([plain?.status, compressed?.status]).toEqual([200, 200])
  expect([
    plain?.headers.get('content-encoding'),
    compressed?.headers.get('content-encoding'),
  ]).toEqual([null, encoding])
  expect(await compressed?.arrayBuffer()).toEqual(await plain?.arrayBuffer())
}
