// Checks the rules about the facts of providers after every step: SYNC-1, DEV-1, ORI-1.
import * as Y from 'yjs'
import type { SimulatedBrowser } from '../browsers/browser.ts'
import type { Tab } from '../tab.ts'
import { emptyDoc, missingIn, RuleBroken } from './content.ts'
import type { StoredRules } from './stored.ts'

export class ClaimRules {
  readonly #stored: StoredRules
  /** For each tab, the versions of document and store for which `saved` was checked. */
  readonly #checked = new WeakMap<Tab, string>()
  readonly #noted = new WeakMap<Tab, number>()
  /** For each browser, all content that its tabs ever reported as stored. */
  readonly #kept = new Map<string, Y.Doc>()

  constructor(stored: StoredRules) {
    this.#stored = stored
  }

  /** Notes that a tab connects. Once it is synced, it must have everything that is stored now. */
  connected(tab: Tab): void {
    const { everything } = this.#stored
    tab.syncBase?.destroy()
    tab.syncBase = emptyDoc()
    Y.applyUpdate(tab.syncBase, Y.encodeStateAsUpdate(everything))
  }

  synced(tab: Tab): void {
    const missing = tab.syncBase === null ? null : missingIn(tab.doc, tab.syncBase)
    if (missing === null) return
    tab.broken ??= new RuleBroken('SYNC-1', `${tab.page.name} is synced and lacks ${missing}`)
  }

  check(tabs: readonly Tab[]): void {
    for (const tab of tabs) {
      if (tab.broken !== null) throw tab.broken
      if (tab.provider.saved) this.#requireSaved(tab)
      if (tab.provider.stored && !tab.page.isFrozen) this.#noteKept(tab)
    }
  }

  /** All content that the tabs of this browser reported as stored, and that must survive. */
  keptBy({ options }: SimulatedBrowser): Y.Doc | null {
    return this.#kept.get(options.name) ?? null
  }

  #requireSaved(tab: Tab): void {
    const versions = `${tab.version}/${this.#stored.version}`
    if (this.#checked.get(tab) === versions) return
    const missing = missingIn(this.#stored.everything, tab.doc)
    if (missing !== null) {
      throw new RuleBroken('SYNC-1', `${tab.page.name} is saved, and the server lacks ${missing}`)
    }
    this.#checked.set(tab, versions)
  }

  #noteKept(tab: Tab): void {
    if (this.#noted.get(tab) === tab.version) return
    this.#noted.set(tab, tab.version)
    const { name } = tab.page.browser.options
    const kept = this.#kept.get(name) ?? emptyDoc()
    this.#kept.set(name, kept)
    Y.applyUpdate(kept, Y.encodeStateAsUpdate(tab.doc))
  }
}
