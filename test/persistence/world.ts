// One device with up to two pages, a client elsewhere, a network and a server: the parts that the
// model-based test controls, and the rules that it checks.
import { decodeUpdate } from 'y-electric/protocol'
import * as Y from 'yjs'
import { openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { createGate, dropAnswer, dropRequest, type Gate } from '../e2e/gate.ts'
import { readStored, readUpdateRows, type TestServer } from '../e2e/server.ts'
import { expectConverged, rebuild } from '../harness/oracle.ts'
import { editAtRandom } from '../simulation/edits.ts'
import { expectContains, factsOf } from '../tabs/rules.ts'
import { createDevice, type Device, type Page } from './device.ts'

interface OpenPage {
  readonly client: TestClient
  readonly gate: Gate
  readonly page: Page
  /** Restores the network of the page. */
  heal: () => void
}

export class World {
  readonly #server: TestServer
  readonly #docId: string
  readonly #random: () => number
  readonly #device: Device = createDevice()
  readonly #pages: (OpenPage | null)[] = [null, null]
  readonly #bob: TestClient
  /** All content that a page of this device ever reported as stored. */
  #stored: Uint8Array = Y.encodeStateAsUpdate(new Y.Doc({ guid: 'world' }))
  #isOnline = true
  /**
   * Two pages that both show an edit may both send it, because either of them may end before it
   * can.
   */
  #hadTwoPages = false

  constructor(server: TestServer, docId: string, random: () => number) {
    this.#server = server
    this.#docId = docId
    this.#random = random
    this.#bob = openClient({ url: server.url, docId, compaction: false })
  }

  /** Returns a page of this device, and opens it if necessary. */
  open(index: number): OpenPage {
    const there = this.#pages[index]
    if (there) return there
    const page = this.#device.page({ stepwise: true })
    const gate = createGate()
    const heal = this.#isOnline ? () => {} : unplug(gate)
    const client = openClient({
      url: this.#server.url,
      docId: this.#docId,
      fetch: gate.fetch,
      persistence: page.persistence,
      compaction: false,
    })
    const opened = { client, gate, page, heal }
    this.#pages[index] = opened
    this.#hadTwoPages ||= this.#pages.every((one) => one !== null)
    return opened
  }

  edit(index: number): void {
    editAtRandom(this.open(index).client.doc, this.#random)
  }

  editElsewhere(): void {
    editAtRandom(this.#bob.doc, this.#random)
  }

  /** Performs some of the waiting storage steps. */
  async store(index: number, steps: number): Promise<void> {
    for (let left = steps; left > 0; left--) {
      this.open(index).page.step()
      await turn()
    }
    this.#noteStored()
  }

  /** Ends a page between two storage steps. Requests in flight may still arrive. */
  async crash(index: number): Promise<void> {
    const opened = this.#pages[index]
    if (!opened) return
    this.#noteStored()
    this.#pages[index] = null
    await opened.page.crash()
    await opened.client.close()
  }

  /** Closes the document like the app. */
  async close(index: number): Promise<void> {
    const opened = this.#pages[index]
    if (!opened) return
    this.#pages[index] = null
    const isClosed = opened.client.close()
    opened.page.run()
    await isClosed
  }

  setOnline(isOnline: boolean): void {
    this.#isOnline = isOnline
    for (const opened of this.#pages) {
      if (!opened) continue
      opened.heal()
      opened.heal = isOnline ? () => {} : unplug(opened.gate)
    }
  }

  loseAnswer(index: number): void {
    if (this.#isOnline) this.open(index).gate.next('updates', dropAnswer)
  }

  setConnected(index: number, isConnected: boolean): void {
    const { provider } = this.open(index).client
    if (isConnected) provider.connect()
    else provider.disconnect()
  }

  /**
   * Checks KEEP-1, ACK-2 and SYNC-1 at any moment: if a client reports saved, the server has all its
   * content. No client reports a damaged store, because no store is damaged here.
   */
  async expectHonest(): Promise<void> {
    const errors = this.#clients().flatMap((client) => client.errors)
    for (const error of errors) if (error.code === 'storage_damaged') throw error
    const claims = this.#clients()
      // A document without any edit proves nothing.
      .filter(({ provider, doc }) => provider.saved && doc.store.clients.size > 0)
      .map(({ doc }) => Y.encodeStateAsUpdate(doc))
    if (claims.length === 0) return
    const stored = rebuild(await readStored(this.#server.pool, this.#docId))
    for (const claim of claims) expectContains(stored, claim, 'the server')
  }

  /** Checks, once the network works, that all clients have everything and each edit was stored once. */
  async expectWhole(): Promise<void> {
    this.setOnline(true)
    this.open(0)
    for (const opened of this.#pages) {
      opened?.page.run()
      opened?.client.provider.connect()
    }
    const clients = this.#clients()
    await eventually(async () => {
      await Promise.all(clients.map(({ provider }) => provider.whenSaved()))
      expectConverged(
        clients.map(({ doc }) => doc),
        await readStored(this.#server.pool, this.#docId),
      )
    }).catch((cause: unknown) => {
      const facts = clients.map(({ provider }) => factsOf(provider)).join('\n')
      throw new Error(`the network works, but the clients do not agree:\n${facts}`, { cause })
    })
    await this.#expectNothingLeft()
    const stored = rebuild(await readStored(this.#server.pool, this.#docId))
    expectContains(stored, this.#stored, 'the server, compared with the store of this device,')
    await this.expectHonest()
    if (!this.#hadTwoPages) await this.#expectOnce()
  }

  async end(): Promise<void> {
    for (const index of this.#pages.keys()) await this.crash(index)
    await this.#bob.close()
  }

  #clients(): TestClient[] {
    return [this.#bob, ...this.#pages.flatMap((opened) => (opened ? [opened.client] : []))]
  }

  #noteStored(): void {
    for (const opened of this.#pages) {
      if (!opened?.client.provider.stored) continue
      this.#stored = Y.mergeUpdates([this.#stored, Y.encodeStateAsUpdate(opened.client.doc)])
    }
  }

  /** Checks that no struct is in two rows, as it would be if a batch were stored twice. */
  async #expectOnce(): Promise<void> {
    const seen = new Map<string, number>()
    for (const { seq, data } of await readUpdateRows(this.#server.pool, this.#docId)) {
      if (data.byteLength === 0) continue
      for (const struct of decodeUpdate(data).structs) {
        if (struct instanceof Y.Skip) continue
        const { id, length } = struct
        for (let clock = id.clock; clock < id.clock + length; clock++) {
          const name = `${id.client}:${clock}`
          const earlier = seen.get(name)
          if (earlier !== undefined) throw new Error(`${name} is in rows ${earlier} and ${seq}`)
          seen.set(name, seq)
        }
      }
    }
  }

  /**
   * Checks that a new page shows the content of the last one, and has nothing to send. (If another page
   * was open while this one closed, the new page sends the edits that the other left unsent.)
   */
  async #expectNothingLeft(): Promise<void> {
    const shown = this.#pages.flatMap((opened) =>
      opened ? [Y.encodeStateAsUpdate(opened.client.doc)] : [],
    )
    for (const index of this.#pages.keys()) await this.close(index)
    this.setOnline(false)
    const { client, gate } = this.open(0)
    await eventually(() => expectContains(client.doc, Y.mergeUpdates(shown), 'a page that reloads'))
    this.setOnline(true)
    await eventually(() => client.provider.status === 'connected' && client.provider.saved)
    await eventually(() => expectConverged([client.doc, this.#bob.doc]))
    const posts = gate.calls.filter(({ route, outcome }) => route === 'updates' && outcome === 201)
    if (!this.#hadTwoPages && posts.length > 0) throw new Error('an edit was sent again')
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function unplug(gate: Gate): () => void {
  const heals = (['updates', 'state', 'segment'] as const).map((route) =>
    gate.use(route, dropRequest),
  )
  gate.cut('reset')
  return () => {
    for (const heal of heals) heal()
  }
}
