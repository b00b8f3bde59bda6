import { covers, type Orphan } from '../core/inheritance.ts'
import { mergeUpdates } from '../protocol/update-encoding.ts'
import type { UnsentBatch } from './messages.ts'

interface Known {
  readonly updates: readonly Uint8Array[]
  readonly isCut: boolean
}

/** What the other tabs, alive or gone, have without an ack, as far as this one has heard of it. */
export class UnsentOfOthers {
  /** By tab and batch. */
  readonly #alive = new Map<string, Map<string, Known>>()
  /** Of tabs that are gone, until somebody sends it. */
  readonly #orphans = new Map<string, Known>()

  /** All of it, as updates. */
  all(): Uint8Array[] {
    const batches = [...this.#alive.values()].flatMap((ofTab) => [...ofTab.values()])
    return [...batches, ...this.#orphans.values()].flatMap(({ updates }) => updates)
  }

  /** A tab says what it has: all of it. */
  introduced(tab: string, batches: readonly UnsentBatch[]): void {
    this.#alive.delete(tab)
    for (const { batchId, update, isCut } of batches) {
      this.#note(tab, batchId, { updates: [update], isCut })
      this.#dropCovered(tab, batchId, update)
    }
  }

  edited(tab: string, batchId: string, update: Uint8Array): void {
    const before = this.#alive.get(tab)?.get(batchId)?.updates ?? []
    this.#note(tab, batchId, { updates: [...before, update], isCut: false })
  }

  cut(tab: string, batchId: string, update: Uint8Array): void {
    this.#note(tab, batchId, { updates: [update], isCut: true })
  }

  /** A tab sends what another had under `formerId`. */
  adopted(tab: string, batchId: string, update: Uint8Array, formerId: string): void {
    this.#note(tab, batchId, { updates: [update], isCut: true })
    this.#dropCovered(tab, formerId, update)
  }

  /** This tab sends it. */
  adoptedHere(update: Uint8Array, formerId: string): void {
    this.#dropCovered(null, formerId, update)
  }

  /** @returns what the batch held, as far as it was heard of */
  settled(tab: string, batchId: string): readonly Uint8Array[] {
    const known = this.#alive.get(tab)?.get(batchId)
    this.#alive.get(tab)?.delete(batchId)
    return known?.updates ?? []
  }

  gone(tab: string): void {
    for (const [batchId, known] of this.#alive.get(tab) ?? []) this.#orphans.set(batchId, known)
    this.#alive.delete(tab)
  }

  get hasOrphans(): boolean {
    return this.#orphans.size > 0
  }

  /** What tabs that are gone left, until somebody says that they send it. */
  orphans(): Orphan[] {
    return [...this.#orphans].map(([batchId, { updates, isCut }]) => ({
      batchId,
      update: mergeUpdates(updates),
      isCut,
    }))
  }

  clear(): void {
    this.#alive.clear()
    this.#orphans.clear()
  }

  #note(tab: string, batchId: string, known: Known): void {
    const ofTab = this.#alive.get(tab) ?? new Map<string, Known>()
    this.#alive.set(tab, ofTab)
    ofTab.set(batchId, known)
  }

  /**
   * One tab sends what was another's, which may be gone without our having noticed. Only what it holds
   * in full: it may have heard less of that one, or read less in the store.
   */
  #dropCovered(by: string | null, batchId: string, update: Uint8Array): void {
    const holders = [...this.#alive].flatMap(([tab, ofTab]) => (tab === by ? [] : [ofTab]))
    for (const batches of [this.#orphans, ...holders]) {
      const known = batches.get(batchId)
      if (known !== undefined && covers(update, mergeUpdates(known.updates)))
        batches.delete(batchId)
    }
  }
}
