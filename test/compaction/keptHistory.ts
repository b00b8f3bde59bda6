// Documents that keep their history, and checks of that history, for the tests of FOLD-3.
import { afterEach, beforeAll, expect } from 'vitest'
import { isHistoryKept, statePath } from 'y-electric/protocol'
import * as Y from 'yjs'
import { type ClientOptions, openClient, type TestClient } from '../e2e/client.ts'
import { freshDocId, serveApp, type TestBackend, type TestServer } from '../e2e/server.ts'
import { type Api, createApi, honestProposal } from './api.ts'

export const FIRST = 'the first wording'

/** Starts a server for the file, opens clients that are closed after each test, and inspects documents. */
export function useHistory(backend: { readonly current: Pick<TestBackend, 'pool' | 'shapes'> }) {
  let server: TestServer
  let api: Api
  const clients: TestClient[] = []
  beforeAll(async () => {
    server = await serveApp({ backend: backend.current, minRollRows: 1 })
    api = createApi(backend.current)
    return () => server.close()
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
  })

  const stage = {
    get server(): TestServer {
      return server
    },
    get api(): Api {
      return api
    },

    open(docId: string, gc: boolean, options: Partial<ClientOptions> = {}): TestClient {
      const doc = new Y.Doc({ gc })
      const client = openClient({ url: server.url, docId, doc, compaction: false, ...options })
      clients.push(client)
      return client
    },

    /** Makes a document that a client with `gc: false` wrote and changed, and a snapshot of the first wording. */
    async written(docId = freshDocId('kept')) {
      const author = stage.open(docId, false)
      author.type(FIRST)
      await author.provider.whenSaved()
      const first = Y.snapshot(author.doc)
      author.text.delete(0, FIRST.length)
      author.type('second')
      await author.provider.whenSaved()
      return { docId, author, first }
    },

    async isKept(docId: string): Promise<boolean> {
      const response = await api.request(statePath(docId))
      await response.body?.cancel()
      return isHistoryKept(response.headers.get('content-type') ?? '')
    },

    /** A document built from everything that is stored, without garbage collection. */
    async stored(docId: string): Promise<Y.Doc> {
      const { snapshot, rows } = await api.state(docId)
      const doc = new Y.Doc({ gc: false })
      if (snapshot?.data) Y.applyUpdateV2(doc, snapshot.data)
      for (const { data } of rows) Y.applyUpdate(doc, data)
      return doc
    },

    /** Rolls and proposes a fold, as a client with or without garbage collection. */
    async fold(docId: string, gc: boolean): Promise<void> {
      const { activeSegment } = await api.state(docId)
      expect(await api.roll(docId, activeSegment)).toMatchObject({ status: 201 })
      const proposal = await honestProposal(api, docId, activeSegment, gc)
      expect(await api.fold(docId, activeSegment, proposal)).toMatchObject({ status: 201 })
    },
  }
  return stage
}

export const wordingAt = (doc: Y.Doc, at: Y.Snapshot): string =>
  Y.createDocFromSnapshot(doc, at).getText('body').toString()
