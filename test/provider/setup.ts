// The shared parts of the provider's tests: one server on PGlite, and clients that reach it through
// a gate.
import { afterEach, beforeAll } from 'vitest'
import { type ClientOptions, openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { createGate, type Gate } from '../e2e/gate.ts'
import {
  freshDocId,
  readStored,
  serveApp,
  type TestBackend,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { expectConverged } from '../harness/oracle.ts'

export interface GatedClient extends TestClient {
  readonly gate: Gate
}

export interface ProviderSetup {
  readonly server: TestServer
  readonly backend: TestBackend
  /** Opens a client, by default on a new document. It is closed after the test. */
  open(options?: Partial<ClientOptions>): GatedClient
  /** Waits until the clients and the stored rows are equal, by the strict oracle. */
  converged(...clients: readonly TestClient[]): Promise<void>
}

export function useProviderSetup(): ProviderSetup {
  const backend = useBackend()
  const clients: TestClient[] = []
  let server: TestServer

  beforeAll(async () => {
    server = await serveApp({ backend: backend.current })
    return () => server.close()
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
  })

  return {
    get server() {
      return server
    },
    get backend() {
      return backend.current
    },
    open(options = {}) {
      const gate = createGate()
      const client = {
        ...openClient({ url: server.url, docId: freshDocId(), fetch: gate.fetch, ...options }),
        gate,
      }
      clients.push(client)
      return client
    },
    async converged(...all) {
      const [first] = all
      if (first === undefined) return
      await Promise.all(all.map(({ provider }) => provider.whenSaved()))
      const stored = await readStored(server.pool, first.provider.docId)
      await eventually(() =>
        expectConverged(
          all.map(({ doc }) => doc),
          stored,
        ),
      )
    },
  }
}

/** Waits until the client is connected. */
export async function connected(client: GatedClient): Promise<GatedClient> {
  await eventually(() => client.provider.status === 'connected')
  return client
}
