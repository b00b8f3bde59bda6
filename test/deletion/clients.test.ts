// A document is deleted while clients are connected, or before they return.
import { deleteDocument, keepSnapshot, verifyDeleted } from '@y-electric/server'
import { afterEach, describe, expect, test } from 'vitest'
import { memory } from 'y-electric'
import * as Y from 'yjs'
import { openClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  readUpdateRows,
  roll,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { openPerson, type Person, seeEachOther } from '../presence/people.ts'

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  const open: { close(): unknown }[] = []
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close()
  })
  const closing = <T extends { close(): unknown }>(one: T): T => {
    open.push(one)
    return one
  }
  const serve = async (): Promise<TestServer> =>
    closing(await serveApp({ backend: backend.current }))

  test.each(['sse', 'long-poll'] as const)('a follower by %s stops at once', async (live) => {
    const server = await serve()
    const docId = freshDocId('deleted')
    const counts = new Map<Person, number>()
    const person = (who: string): Person => {
      const made: Person = closing(
        openPerson({
          url: server.url,
          docId,
          live,
          name: who,
          compaction: { everyMs: 200, slotMs: 10, graceMs: 1 },
          fetch: (input, init) => {
            counts.set(made, (counts.get(made) ?? 0) + 1)
            return fetch(input, init)
          },
        }),
      )
      return made
    }
    const people = [person('Ada'), person('Bob')]
    const [ada, bob] = people
    ada?.type('Hello')
    await eventually(() => expect(bob?.text.toString()).toBe('Hello'))
    await seeEachOther(...people)

    await deleteDocument(backend.current.pool, docId)
    for (const { provider, statuses } of people) {
      await eventually(() => expect(provider.status).toBe('refused'))
      expect(provider.error?.code).toBe('deleted')
      expect(provider.error?.status).toBe(410)
      expect(provider.synced).toBe(false)
      expect(statuses.at(-1)).toBe('refused')
    }
    for (const one of people) {
      await eventually(() => expect(one.names()).toHaveLength(1))
      expect(one.text.toString()).toBe('Hello')
    }
    // No client asks repeatedly. To see that, the test waits for longer than any retry and than two intervals
    // of compaction.
    await eventually(async () => {
      const before = [...counts.values()]
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect([...counts.values()]).toEqual(before)
    })
    expect(server.errors).toEqual([])
  })

  test('a returning client cannot recreate a deleted document, and keeps what was not saved', async () => {
    const { pool } = backend.current
    const server = await serve()
    const docId = freshDocId('deleted')
    const persistence = memory()
    const ada = closing(openClient({ url: server.url, docId, persistence }))
    ada.type('saved ')
    await ada.provider.whenSaved()
    ada.provider.disconnect()
    ada.type('unsaved')
    await roll(pool, docId)
    await keepSnapshot(pool, docId, { label: 'a version' })
    await deleteDocument(pool, docId)

    ada.provider.connect()
    await eventually(() => expect(ada.provider.status).toBe('refused'))
    expect(ada.provider.error?.code).toBe('deleted')
    expect(ada.provider.saved).toBe(false)
    expect(ada.text.toString()).toBe('saved unsaved')
    await ada.provider.destroy()

    // The next page finds the edits on the device, and the document still deleted.
    const again = closing(openClient({ url: server.url, docId, persistence }))
    await eventually(() => expect(again.provider.status).toBe('refused'))
    expect(again.provider.error?.code).toBe('deleted')
    expect(again.provider.saved).toBe(false)
    const exported = new Y.Doc()
    Y.applyUpdate(exported, Y.encodeStateAsUpdate(again.doc))
    expect(exported.getText('body').toString()).toBe('saved unsaved')
    // The app asks to try again, and nothing changes.
    again.provider.connect()
    await eventually(() => expect(again.provider.status).toBe('refused'))

    // The same holds for a client that never saw the document.
    const stranger = closing(openClient({ url: server.url, docId }))
    stranger.type('from me')
    await eventually(() => expect(stranger.provider.status).toBe('refused'))
    expect(stranger.provider.error?.code).toBe('deleted')
    expect(await verifyDeleted(pool, docId)).toMatchObject({ gone: true })
    expect((await readUpdateRows(pool, docId)).map(({ data }) => data.byteLength)).toEqual([0])
  })
})
