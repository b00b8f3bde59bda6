// The world of one run: browsers with tabs, a network, servers, a shape service and a database, all on one
// timeline, and the rules that are checked during the run.
import { ElectricProvider, preload } from 'y-electric'
import type * as Y from 'yjs'
import { SimulatedBrowser } from './browsers/browser.ts'
import { SimulatedDevice } from './browsers/device.ts'
import { OtherStore } from './browsers/other-store.ts'
import { ClaimRules } from './checks/claims.ts'
import { StoredRules } from './checks/stored.ts'
import { WireRules } from './checks/wire.ts'
import { DatabaseDouble } from './database/database.ts'
import { Chance } from './kernel/chance.ts'
import { Lease } from './kernel/copies.ts'
import { Timeline } from './kernel/timeline.ts'
import { Trace } from './kernel/trace.ts'
import { DOC_ID, NEIGHBOUR_ID } from './names.ts'
import { Network } from './network/network.ts'
import { NO_PLANT, type Plant } from './plant.ts'
import { takeAwareness } from './presence.ts'
import type { Profile } from './profile.ts'
import { Rights } from './rights.ts'
import type { compileServer } from './server/program.ts'
import { ServerProcess } from './server/server.ts'
import { ShapeServiceDouble } from './server/shapes.ts'
import { Tab } from './tab.ts'

// Loading takes real time, and time is virtual here.
await preload()

export interface WorldOptions {
  readonly profile: Profile
  readonly program: Awaited<ReturnType<typeof compileServer>>
  /** A mutant of the provider. Default: the unchanged provider. */
  readonly Provider?: typeof ElectricProvider
  /** A fault that is planted into the system. */
  readonly plant?: Plant
  /** A run that schedules more tasks than this fails. */
  readonly mostTasks: number
}

export interface Person {
  readonly browser: SimulatedBrowser
  readonly device: SimulatedDevice
  readonly otherStore: OtherStore
  readonly tabs: (Tab | null)[]
}

export class World {
  readonly profile: Profile
  readonly timeline: Timeline
  readonly trace: Trace
  readonly database: DatabaseDouble
  readonly shapes: ShapeServiceDouble
  readonly network: Network
  readonly people: Person[] = []
  readonly servers: ServerProcess[] = []
  readonly rights: Rights
  readonly stored: StoredRules
  /** The rules for the second document, which pages with joint streams also open. */
  readonly neighbours: StoredRules
  readonly claims: ClaimRules
  readonly wire: WireRules
  /** The evaluated code that the run uses; it is evaluated once in this process. */
  readonly #lease = new Lease()
  readonly #options: WorldOptions
  readonly #plant: Plant
  /** The versions of all documents and rows when all clients had converged; null before that. */
  convergedAt: string | null = null
  #startedServers = 0
  #openedTabs = 0
  /** The first rule that was broken during an event. */
  #broken: unknown = null

  constructor(options: WorldOptions) {
    const { profile, plant = NO_PLANT } = options
    const { seed } = profile
    this.profile = profile
    this.#options = options
    this.#plant = plant
    this.timeline = new Timeline(options.mostTasks)
    this.trace = new Trace(this.timeline.now)
    this.database = new DatabaseDouble(this.timeline.now)
    this.rights = new Rights(this.timeline.now)
    plant.database?.(this.database)
    const isOnce = () =>
      profile.tabsPerBrowser === 1 &&
      !profile.isTroubled &&
      !profile.isOdd &&
      !this.people.some(({ browser }) => browser.hasLostStore)
    this.stored = new StoredRules(this.database, DOC_ID, profile.keepsHistory, isOnce)
    this.claims = new ClaimRules(this.stored)
    this.neighbours = new StoredRules(this.database, NEIGHBOUR_ID, false)
    this.wire = new WireRules([this.stored, this.neighbours], this.rights)
    this.shapes = new ShapeServiceDouble(this.timeline, this.database, seed)
    if (plant.shapes) this.shapes.alter = plant.shapes
    this.database.onCommit.push(({ lsn, changes }) => {
      const text = changes.map(({ table, before, after }) => {
        const how = before === null ? '+' : after === null ? '-' : '~'
        const row = (after ?? before) as { seq?: number }
        return `${how}${table}${row.seq === undefined ? '' : ` ${row.seq}`}`
      })
      this.trace.note('database', `commit ${lsn}: ${text.join(', ')}`)
    })
    this.network = new Network({
      timeline: this.timeline,
      trace: this.trace,
      servers: () => this.servers,
      onRequest: (...args) => this.watch(() => this.wire.requested(...args)),
      onAnswer: (_page, request, response) =>
        this.watch(() => this.wire.answered(request, response)),
      onBytes: (page, bytes) => this.watch(() => this.wire.delivered(page, bytes)),
    })
    for (let i = 0; i < profile.servers; i++) this.startServer()
    for (let i = 0; i < profile.browsers; i++) this.#addPerson(String.fromCharCode(97 + i))
  }

  /**
   * Runs a check and keeps the first broken rule, because the code that calls the check would ignore the
   * error.
   */
  watch(check: () => void): void {
    try {
      check()
    } catch (error) {
      this.#broken ??= error
    }
  }

  startServer(): ServerProcess {
    const { timeline, trace, database, shapes } = this
    const server = new ServerProcess({
      name: `server${++this.#startedServers}`,
      seed: this.profile.seed,
      timeline,
      trace,
      database,
      shapes,
      program: this.#options.program,
      lease: this.#lease,
      plant: this.#plant,
      authorize: (about) => {
        const isAllowed = this.rights.allows(about)
        this.wire.authorized(about.request, isAllowed)
        return isAllowed ? 'allow' : 'forbidden'
      },
    })
    this.servers.push(server)
    return server
  }

  #addPerson(name: string): void {
    const { timeline, trace, network, profile } = this
    const { seed, hasLocks, tabsPerBrowser } = profile
    const browser = new SimulatedBrowser({
      name,
      seed,
      timeline,
      trace,
      network,
      hasLocks,
      lease: this.#lease,
    })
    const device = new SimulatedDevice(name, seed, timeline, trace)
    const tabs = Array.from({ length: tabsPerBrowser }, () => null)
    this.people.push({ browser, device, otherStore: new OtherStore(), tabs })
  }

  person(index: number): Person {
    const person = this.people[index % this.people.length]
    if (person === undefined) throw new Error('there is no such browser')
    return person
  }

  /** Returns a tab, and opens it if necessary. */
  open(who: number, index: number): Tab {
    const person = this.person(who)
    const at = index % person.tabs.length
    const there = person.tabs[at]
    if (there) return there
    const { live, isKept, keepsHistory, compacts, hasPresence, seed } = this.profile
    const page = person.browser.open()
    const ids = Chance.of(seed, `client ids of tab ${++this.#openedTabs}`)
    const persistence = isKept ? person.device.persistence(page) : null
    const tab = new Tab({
      page,
      drawClientId: () => 1 + ids.below(2 ** 31),
      live,
      keepsHistory,
      compacts,
      persistence: persistence && (this.#plant.persistence?.(persistence) ?? persistence),
      decorate: (doc) => this.#plant.doc?.(doc),
      createAwareness: hasPresence ? (doc: Y.Doc) => this.#awareness(doc, page) : null,
      Provider: this.#options.Provider ?? ElectricProvider,
      platform: this.#plant.platform?.(page.platform()) ?? page.platform(),
      note: (name, what) => this.trace.note(name, what),
      onSynced: (synced) => this.claims.synced(synced),
    })
    if (this.profile.isOdd) person.otherStore.follow(tab.doc)
    person.tabs[at] = tab
    this.trace.note(page.name, 'opens')
    this.connect(tab)
    return tab
  }

  #awareness(doc: Y.Doc, page: Tab['page']) {
    const { now } = page.browser
    const random = page.chance.number
    return takeAwareness(doc, { timeline: this.timeline, owner: page, now, random }, this.#lease)
  }

  connect(tab: Tab): void {
    this.claims.connected(tab)
    tab.isConnected = true
    tab.provider.connect()
    // The neighbour may have been refused while this provider was disconnected; `connect()` does not try that again.
    tab.neighbour?.provider.reconnect()
  }

  /** The app signs in again. */
  reconnect(tab: Tab): void {
    this.claims.connected(tab)
    tab.provider.reconnect()
    tab.neighbour?.provider.reconnect()
  }

  /** A tab that can act; null if it is frozen. */
  awake(who: number, index: number): Tab | null {
    const tab = this.open(who, index)
    return tab.page.isFrozen ? null : tab
  }

  tabs(): Tab[] {
    return this.people.flatMap(({ tabs }) => tabs.filter((tab) => tab !== null))
  }

  /** Ends a tab: by a crash, or by closing it, which the page notices. */
  async end(who: number, index: number, how: 'crash' | 'close'): Promise<void> {
    const { tabs, device } = this.person(who)
    const at = index % tabs.length
    const tab = tabs[at]
    if (!tab) return
    tabs[at] = null
    this.trace.note(tab.page.name, how === 'crash' ? 'crashes' : 'is closed')
    if (how === 'close' && !tab.page.isFrozen) tab.page.dispatch('pagehide')
    if (tab.hasLoadedOther && !tab.provider.saved) tab.page.browser.hasUncompared = true
    tab.page.end()
    await device.crash(tab.page)
    tab.awareness?.destroy()
    tab.closeNeighbour()
    tab.doc.destroy()
  }

  /** Lets time pass, and checks all claims. */
  async pass(ms: number): Promise<void> {
    await this.timeline.pass(ms)
    this.check()
  }

  check(): void {
    const broken = this.stored.broken ?? this.neighbours.broken ?? this.#broken
    if (broken !== null) throw broken
    this.claims.check(this.tabs())
  }

  /** The tabs of a browser that have their own stream. */
  leaders({ tabs }: Person): Tab[] {
    const isLive = ({ pathname, searchParams }: URL) =>
      pathname.endsWith('/live') ||
      (pathname.includes(`/docs/${DOC_ID}/segments/`) && searchParams.get('live') === 'true')
    return tabs.filter(
      (tab) => tab !== null && !tab.page.isFrozen && [...tab.page.requests].some(isLive),
    ) as Tab[]
  }

  async close(): Promise<void> {
    for (const [who, { tabs }] of this.people.entries()) {
      for (const index of tabs.keys()) await this.end(who, index, 'crash')
    }
    for (const server of this.servers) server.die()
    await this.timeline.settle()
    this.network.end()
    await this.timeline.settle()
    this.#lease.end()
  }
}
