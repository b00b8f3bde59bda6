// One tab: a document, a real provider on the platform of a simulated page, and the facts that it reports.
import type { ElectricProvider, Persistence } from 'y-electric'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { Platform, SimulatedPage } from './browsers/page.ts'
import { RuleBroken } from './checks/content.ts'
import { drawClientIds } from './client-ids.ts'
import { DOC_ID } from './names.ts'
import { Neighbour } from './neighbour.ts'
import type { Profile } from './profile.ts'

export interface TabOptions {
  readonly page: SimulatedPage
  readonly persistence: Persistence | null
  readonly createAwareness: ((doc: Y.Doc) => Awareness) | null
  readonly platform: Platform
  readonly Provider: typeof ElectricProvider
  readonly live: Profile['live']
  readonly keepsHistory: boolean
  readonly compacts: boolean
  readonly note: (page: string, what: string) => void
  readonly onSynced: (tab: Tab) => void
  readonly decorate: (doc: Y.Doc) => void
  readonly drawClientId: () => number
}

/** Intervals so short that a run of seconds includes elections. */
const COMPACTION = {
  everyMs: 2_000,
  minRows: 3,
  minBytes: 1,
  minShare: 0,
  slotMs: 100,
  graceMs: 300,
}

export class Tab {
  readonly page: SimulatedPage
  readonly doc: Y.Doc
  readonly provider: ElectricProvider
  readonly awareness: Awareness | null
  isConnected = true
  /** The committed content when the provider last connected. */
  syncBase: Y.Doc | null = null
  /** Increases with every change of the document. */
  version = 0
  /** The first rule that this tab broke. */
  broken: RuleBroken | null = null
  /** Whether another persistence has loaded content into the document. */
  hasLoadedOther = false
  /** Whether the device store failed, so that the page continues without a store. */
  hasLostStore = false
  #isEditing = false
  #isInTransaction = false
  /** The property of the document whose next read by the provider fails; null if no read fails. */
  #failing: 'clientID' | 'gc' | null = null
  /** An effect of the provider has failed. */
  #hasFailedEffect = false
  #hasReportedDamage = false
  /** Another document of the page; null: none is open. */
  neighbour: Neighbour | null = null
  readonly #createNeighbour: () => Neighbour

  constructor(options: TabOptions) {
    const { page, persistence, platform, live, keepsHistory, compacts, note } = options
    this.page = page
    this.doc = new Y.Doc({ guid: page.name, gc: !keepsHistory })
    drawClientIds(this.doc, options.drawClientId, (property) => this.#fail(property))
    this.doc.on('beforeAllTransactions', () => {
      this.#isInTransaction = true
    })
    this.doc.on('afterAllTransactions', () => {
      this.#isInTransaction = false
    })
    options.decorate(this.doc)
    this.awareness = options.createAwareness?.(this.doc) ?? null
    const common = {
      url: 'http://simulation.test',
      platform,
      live,
      retry: { baseMs: 100, maxMs: 2_000 },
    }
    this.#createNeighbour = () =>
      new Neighbour(options.Provider, { ...common, compaction: false }, options.drawClientId)
    this.provider = new options.Provider({
      ...common,
      doc: this.doc,
      docId: DOC_ID,
      compaction: compacts ? COMPACTION : false,
      connect: false,
      ...(persistence === null ? {} : { persistence }),
      ...(this.awareness === null ? {} : { awareness: this.awareness }),
    })
    this.#watch(note, options.onSynced)
  }

  #watch(note: TabOptions['note'], onSynced: TabOptions['onSynced']): void {
    const { page, provider, doc } = this
    provider.on('status', ({ status }) => note(page.name, status))
    provider.on('saved', (saved) => note(page.name, saved ? 'saved' : 'not saved'))
    provider.on('stored', (stored) => note(page.name, stored ? 'stored' : 'not stored'))
    provider.on('error', ({ code, message }) => {
      note(page.name, `error ${code}: ${message}`)
      if (code === 'storage_failed') this.hasLostStore = true
      if (code === 'storage_damaged') this.#reportsDamage(message)
      // The provider checks its own rules after each step.
      if (/^internal error/.test(message) && !this.#isExpected(message))
        this.broken ??= new RuleBroken('LEDGER', message)
    })
    provider.on('compaction', ({ throughSegment }) => note(page.name, `folded ${throughSegment}`))
    provider.on('synced', (synced) => {
      note(page.name, synced ? 'synced' : 'not synced')
      if (synced) onSynced(this)
    })
    doc.on('update', () => {
      this.version += 1
    })
    doc.on('afterTransaction', (transaction: Y.Transaction) => {
      // When Yjs removes superfluous formatting after a remote edit, the change is local and has no origin.
      if (transaction.origin === provider || transaction.local || this.#isEditing) return
      if (transaction.changed.size === 0 && transaction.deleteSet.clients.size === 0) return
      this.broken ??= new RuleBroken('ORI-1', `${page.name} applied a change with another origin`)
    })
  }

  /** True for an internal error that the environment has caused. */
  #isExpected(message: string): boolean {
    if (message.endsWith('an event could not be handled')) return this.page.hasFailedStep
    return this.#hasFailedEffect && /^internal error in the|could not be applied$/.test(message)
  }

  #reportsDamage(message: string): void {
    this.#hasReportedDamage = true
    const { isStoreDamaged, browser } = this.page
    // A page that rewrites a store replaces an unreadable record without knowing its author. If the author
    // continues to write, the next page finds a gap in the numbers, although no content is missing.
    const mayFindGap = browser.wasStoreDamaged && /data: stored updates are missing\./.test(message)
    if (!isStoreDamaged && !mayFindGap) this.broken ??= new RuleBroken('DEV-1', message)
  }

  /** Whether the provider did not report damaged data of the store. */
  get hasHiddenDamage(): boolean {
    return this.page.isStoreDamaged && !this.#hasReportedDamage
  }

  /**
   * Makes the provider fail, as with an exhausted stack, when it reads this property outside of a
   * transaction.
   */
  failNext(property: 'clientID' | 'gc'): void {
    this.#failing = property
  }

  /** Ends these failures. */
  heal(): void {
    this.#failing = null
  }

  #fail(property: 'clientID' | 'gc'): void {
    if (this.#failing !== property || this.#isEditing || this.#isInTransaction) return
    this.#failing = null
    this.#hasFailedEffect = true
    throw new RangeError('Maximum call stack size exceeded')
  }

  /** Returns the other document, and opens it if necessary. */
  openNeighbour(): Neighbour {
    this.neighbour ??= this.#createNeighbour()
    return this.neighbour
  }

  closeNeighbour(): void {
    this.neighbour?.close()
    this.neighbour = null
  }

  edit(change: (doc: Y.Doc) => void): void {
    this.#isEditing = true
    try {
      change(this.doc)
    } finally {
      this.#isEditing = false
    }
  }
}
