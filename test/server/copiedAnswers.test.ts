// A framework or a monitoring tool that replaces `fetch` keeps a copy of each answer of the shape service. The body of an
// answer is then only cancelled when its copy is, too.
import { expect, test } from 'vitest'
import { openClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, serveApp, useBackend } from '../e2e/server.ts'

const backend = useBackend()

test('a client joins and follows although every answer of the shape service has a copy', async () => {
  const { pool, shapes } = backend.current
  const copies: Response[] = []
  const copying = async (request: Request): Promise<Response> => {
    const answer = await (shapes.fetch ?? fetch)(request)
    copies.push(answer.clone())
    return answer
  }
  const server = await serveApp({ backend: { pool, shapes: { ...shapes, fetch: copying } } })
  const docId = freshDocId('copied')
  const [ada, bob] = [
    openClient({ url: server.url, docId }),
    openClient({ url: server.url, docId }),
  ]
  try {
    await bob.provider.whenSynced()
    ada.type('Dear Bob')
    await eventually(() => bob.text.toString() === 'Dear Bob')
    expect([...ada.errors, ...bob.errors]).toEqual([])
    expect(copies.length).toBeGreaterThan(0)
  } finally {
    await Promise.all([ada.close(), bob.close()])
    await server.close()
    await Promise.all(copies.map(({ body }) => body?.cancel().catch(() => {})))
  }
})
