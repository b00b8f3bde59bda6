import { inherit, isCoveredBy, type Orphan } from '../core/inheritance.ts'
import { type Batch, type OutboxState, unackedUpdates } from '../core/outbox.ts'
import type { Clock } from '../io/clock.ts'
import { mergeUpdates } from '../protocol/update-encoding.ts'
import type { UnsentBatch } from '../tabs/messages.ts'
import type { Tabs } from '../tabs/tabs.ts'
import type { Local } from './local.ts'
import type { Writer } from './writer.ts'

/** How often a page looks for edits that pages which are gone left in the store, in milliseconds. */
const LOOK_EVERY_MS = 30_000

export interface HeirOptions {
  readonly clock: Clock
  readonly local: Local | null
  readonly tabs: Tabs | null
  readonly writer: Pick<Writer, 'restore'>
  /** Edits that this page may not show yet. */
  readonly onContent: (update: Uint8Array) => void
}

/**
 * Takes over the edits of pages that are gone: what other tabs heard of them, and what they stored.
 * Tabs say when one is gone; where they do not work together, the store is looked at now and then.
 */
export class Heir {
  readonly #options: HeirOptions
  #cancel: () => void = () => {}
  /** What was taken over from the store before any tab told of it; its messages may still be waiting. */
  #taken: Batch[] = []

  constructor(options: HeirOptions) {
    this.#options = options
  }

  start(): void {
    const { clock, local, tabs } = this.#options
    if (local === null) return
    this.#cancel()
    this.#cancel = clock.after(LOOK_EVERY_MS, () => {
      this.start()
      if (tabs === null || tabs.isLeader) void this.inherit(() => [])
    })
  }

  stop(): void {
    this.#cancel()
  }

  /** @param orphans read when the store has answered: others may have taken them over meanwhile */
  async inherit(orphans: () => readonly Orphan[]): Promise<void> {
    const { clock, local, tabs, writer, onContent } = this.#options
    const stored = local === null ? null : await local.takeOver()
    const mine = this.#taken
    const nobodys = orphans().filter((orphan) => {
      const isMine = mine.some((batch) => isCoveredBy(batch, orphan))
      if (isMine) tabs?.disown(orphan)
      return !isMine
    })
    const inherited = inherit(nobodys, stored, clock.uuid)
    if (stored !== null) this.#taken = [...mine, ...stored.batches]
    if (inherited.length === 0) return
    for (const { batch, isStored, formerId, replacesStored } of inherited) {
      onContent(batch.update)
      if (!isStored) local?.edit(batch.update, batch.batchId, batch.madeAt)
      if (replacesStored) local?.acked(formerId)
      tabs?.adopted(batch.update, batch.batchId, formerId)
    }
    writer.restore(inherited.map(({ batch }) => batch))
  }
}

/** What has no ack, for other tabs to know. */
export function unsentOf(outbox: OutboxState): UnsentBatch[] {
  const cut = outbox.batches.map(({ batchId, update }) => ({ batchId, update, isCut: true }))
  const gathering = unackedUpdates(outbox).slice(cut.length)
  if (outbox.nextBatchId === null || gathering.length === 0) return cut
  const last = { batchId: outbox.nextBatchId, update: mergeUpdates(gathering), isCut: false }
  return [...cut, last]
}
