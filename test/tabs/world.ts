// One browser of one person with up to three tabs at one document and what it keeps, a colleague
// elsewhere, a network and a server. The tests about the lead move it step by step; what chance does to tabs is
// the simulator's matter (test/simulation).
import { memory, preload } from 'y-electric'
import * as Y from 'yjs'
import { expectConverged, rebuild } from '../harness/oracle.ts'
import { seededRandom } from '../harness/random.ts'
import { createDevice, type Page as DevicePage } from '../persistence/device.ts'
import { Timeline } from '../simulation/kernel/timeline.ts'
import { SimulatedBrowser, type SimulatedPage } from './browser.ts'
import { MemoryServer } from './memoryServer.ts'
import {
  clientsAhead,
  expectContains,
  expectOnce,
  expectSame,
  factsOf,
  isWaiting,
} from './rules.ts'
import { openTab, type Tab } from './tab.ts'

// Loading takes real time, and time is virtual here.
await preload()

export interface WorldOptions {
  readonly seed: number
  /** Whether the browser keeps documents on the device. */
  readonly isKept: boolean
  /** Default: true. */
  readonly hasLocks?: boolean
  /** Whether the tabs share their streams. Default: true. */
  readonly areShared?: boolean
}

/** Milliseconds that are enough for a frozen leader among hidden tabs, and for every retry. */
const HEALING_MS = 240_000
export class World {
  readonly timeline = new Timeline()
  readonly server = new MemoryServer(this.timeline)
  readonly browser: SimulatedBrowser
  readonly tabs: (Tab | null)[] = [null, null, null]
  readonly #random: () => number
  readonly #device = createDevice(memory())
  readonly #isKept: boolean
  readonly #areShared: boolean
  readonly #bob: Tab
  #lastRebuilt: { readonly version: number; readonly doc: Y.Doc } | null = null
  /**
   * Clients whose edits may be in two rows, though never twice in the text. Their page ended or was
   * disconnected after it had sent the edits, and no tab could know whether they would arrive.
   */
  readonly #mayRepeat = new Set<number>()

  constructor({ seed, isKept, hasLocks = true, areShared = true }: WorldOptions) {
    this.#random = seededRandom(seed)
    this.#isKept = isKept
    this.#areShared = areShared
    const environment = {
      timeline: this.timeline,
      random: this.#random,
      serve: this.server.serve,
      hiddenClampMs: 1_000,
      hasLocks,
    }
    this.browser = new SimulatedBrowser(environment)
    this.#bob = this.#openTab(new SimulatedBrowser(environment).open(), null)
  }

  open(index: number): Tab {
    const there = this.tabs[index]
    if (there) return there
    // The new tab also sends the stored edits of a tab that does not answer.
    for (const other of this.#tabs()) {
      if (other.page.isFrozen || !other.isConnected) this.#noteUnsaved(other)
    }
    const device = this.#isKept ? this.#device.page({ stepwise: true }) : null
    const tab = this.#openTab(this.browser.open(), device)
    this.tabs[index] = tab
    return tab
  }

  #openTab(page: SimulatedPage, device: DevicePage | null): Tab {
    return openTab(page, { device, random: this.#random, isShared: this.#areShared })
  }

  /** Returns the tab, or null if it is frozen, since a frozen page runs no code. */
  #awake(index: number): Tab | null {
    const tab = this.open(index)
    return tab.page.isFrozen ? null : tab
  }

  type(index: number, text: string): void {
    const tab = this.#awake(index)
    tab?.page.run(() => tab.client.type(text))
  }

  text(index: number): string {
    return this.open(index).client.text.toString()
  }

  typeElsewhere(text: string): void {
    this.#bob.page.run(() => this.#bob.client.type(text))
  }

  async store(index: number, steps: number): Promise<void> {
    for (let left = steps; left > 0; left--) {
      this.#awake(index)?.device?.step()
      await this.timeline.settle()
    }
  }

  /** Ends a tab: by a crash, or by closing it, which the page notices. */
  async end(index: number, how: 'crash' | 'close'): Promise<void> {
    const tab = this.tabs[index]
    if (!tab) return
    this.tabs[index] = null
    // Other tabs got the edits that this tab has sent and not stored, and send them under their own ids.
    // Tabs that were frozen meanwhile cannot know which of the others does that.
    const isUnstored = tab.device !== null && tab.device.waiting() > 0
    if (isUnstored || this.#tabs().some(({ page }) => page.isFrozen)) this.#noteUnsaved(tab)
    // It may have sent edits of other tabs under its own ids without storing that.
    const { doc } = tab.client
    const others = [...doc.store.clients.keys()].filter((client) => client !== doc.clientID)
    if (isUnstored) for (const client of others) this.#mayRepeat.add(client)
    if (how === 'close' && !tab.page.isFrozen) tab.page.dispatch('pagehide')
    tab.page.end()
    await tab.device?.crash()
    tab.client.doc.destroy()
  }

  /** Closes the document like the app. */
  async destroy(index: number): Promise<void> {
    const tab = this.#awake(index)
    if (tab === null) return
    // Other tabs adopt its edits although it may have sent them, since no tab got the answer.
    this.#noteUnsaved(tab)
    this.tabs[index] = null
    const gone = tab.page.run(() => tab.client.provider.destroy())
    tab.device?.run()
    await this.timeline.settle()
    await gone
    tab.page.end()
  }

  setFrozen(index: number, isFrozen: boolean): void {
    this.open(index).page.setFrozen(isFrozen)
  }

  setHidden(index: number, isHidden: boolean): void {
    this.open(index).page.setHidden(isHidden)
  }

  setConnected(index: number, isConnected: boolean): void {
    const tab = this.#awake(index)
    if (tab === null || tab.isConnected === isConnected) return
    tab.isConnected = isConnected
    const { provider } = tab.client
    // Other tabs send its edits, and it sends them too once it is connected again.
    this.#noteUnsaved(tab)
    tab.page.run(() => (isConnected ? provider.connect() : provider.disconnect()))
  }

  async pass(ms: number): Promise<void> {
    await this.timeline.pass(ms)
  }

  /** Tabs that have a stream of their own. */
  leaders(): number[] {
    const isLive = (url: URL) => url.searchParams.get('live') === 'true'
    return this.tabs.flatMap((tab, index) =>
      tab && !tab.page.isFrozen && [...tab.page.requests].some(isLive) ? [index] : [],
    )
  }

  /** Expects that the server and all clients have this text. */
  async expectSaved(text: string): Promise<void> {
    await this.#eventually(() => this.#expectConverged())
    const found = rebuild(this.server.stored()).getText('body').toString()
    if (found !== text) throw new Error(`the server has "${found}"`)
  }

  /** Ends all faults. Expects that all clients have everything, each edit is stored once, and one tab leads. */
  async expectWhole(): Promise<void> {
    this.browser.setOnline(true)
    this.open(0)
    for (const [index, tab] of this.tabs.entries()) {
      tab?.page.setFrozen(false)
      tab?.page.setHidden(false)
      tab?.device?.run()
      if (tab) this.setConnected(index, true)
    }
    await this.#eventually(() => {
      this.#expectConverged()
      if (this.leaders().length !== 1) throw new Error(`${this.leaders().length} tabs lead`)
    })
    expectOnce(this.server.history, this.#mayRepeat)
    if (this.#isKept) await this.#expectKept()
  }

  async close(): Promise<void> {
    for (const index of this.tabs.keys()) await this.end(index, 'crash')
    this.#bob.page.end()
  }

  #tabs(): Tab[] {
    return this.tabs.filter((tab) => tab !== null)
  }

  #expectConverged(): void {
    const all = [this.#bob, ...this.#tabs()].map(({ client }) => client)
    for (const { provider } of all) {
      if (!provider.saved || !provider.synced) throw new Error(factsOf(provider))
    }
    const docs = all.map(({ doc }) => doc)
    // An edit may be lost with its tab before it was stored or relayed, while a later edit that builds on
    // it was relayed. No client has the lost edit, so the later one waits in all clients.
    const rebuilt = this.#rebuilt()
    if (isWaiting(rebuilt)) for (const doc of docs) expectSame(doc, rebuilt)
    else expectConverged(docs, this.server.stored())
  }

  /** The document of the stored rows, rebuilt after they change. Do not edit it. */
  #rebuilt(): Y.Doc {
    const { version } = this.server
    if (this.#lastRebuilt?.version !== version) {
      this.#lastRebuilt?.doc.destroy()
      this.#lastRebuilt = { version, doc: rebuild(this.server.stored()) }
    }
    return this.#lastRebuilt.doc
  }

  #noteUnsaved({ client: { provider, doc } }: Tab): void {
    if (provider.saved) return
    // Its edits may be on the server already although it has no answer.
    this.#mayRepeat.add(doc.clientID)
    const stored = this.#rebuilt()
    for (const client of clientsAhead(doc, stored)) this.#mayRepeat.add(client)
  }

  /** Checks DEV-1: a new tab shows everything before the network answers, and has nothing to send. */
  async #expectKept(): Promise<void> {
    const shown = this.#tabs().map(({ client }) => Y.encodeStateAsUpdate(client.doc))
    for (const index of this.tabs.keys()) await this.destroy(index)
    this.browser.setOnline(false)
    const { client, device } = this.open(0)
    device?.run()
    await this.timeline.pass(100)
    expectContains(client.doc, Y.mergeUpdates(shown), 'a tab that reloads')
    const rows = this.server.history.length
    this.browser.setOnline(true)
    await this.#eventually(() => this.#expectConverged())
    const isMore = this.server.history.length > rows
    if (isMore && this.#mayRepeat.size === 0) throw new Error('an edit was sent again')
  }

  async #eventually(check: () => void): Promise<void> {
    const until = this.timeline.now() + HEALING_MS
    for (;;) {
      try {
        return check()
      } catch (error) {
        if (this.timeline.now() > until) throw error
      }
      await this.timeline.pass(500)
      for (const { device } of this.#tabs()) device?.run()
    }
  }
}
