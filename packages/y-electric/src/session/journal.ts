import type { Batch } from '../core/outbox.ts'
import type { Tabs } from '../tabs/tabs.ts'
import type { Local } from './local.ts'

/** Tells the store of this device and the other tabs what becomes of the edits made here. */
export class Journal {
  readonly #local: () => Local | null
  readonly #tabs: Tabs | null

  constructor(local: () => Local | null, tabs: Tabs | null) {
    this.#local = local
    this.#tabs = tabs
  }

  readonly edited = ({ update, batchId, madeAt }: Required<Batch>): void => {
    this.#local()?.edit(update, batchId, madeAt)
    this.#tabs?.edited(update, batchId)
  }

  /** What gathered under `batchId` is sent as these. */
  readonly split = (batchId: string, batches: readonly Required<Batch>[]): void => {
    this.#local()?.split(batchId, batches)
    for (const piece of batches) this.#tabs?.cut(piece.update, piece.batchId)
    this.#tabs?.settled(batchId)
  }

  readonly sending = ({ update, batchId }: Batch): void => this.#tabs?.cut(update, batchId)

  /** Acked, or sent otherwise: none of these is to be sent any more. */
  readonly settled = (batchIds: readonly string[]): void => {
    for (const batchId of batchIds) {
      this.#local()?.acked(batchId)
      this.#tabs?.settled(batchId)
    }
  }
}
