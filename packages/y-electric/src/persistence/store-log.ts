import type { ResumePoint } from '../core/connection.ts'
import type { Batch } from '../core/outbox.ts'
import {
  type Counts,
  countsOf,
  type LogRecord,
  mergeCounts,
  openEdits,
  presentIn,
} from '../core/stored-log.ts'
import { cutUpdates } from '../protocol/update-encoding.ts'
import { batchesOf, type DeviceStoreChange } from './device-store.ts'
import { encodeEdit, encodePoint, encodeRecord } from './frames.ts'
import { readBatch, type StoredBatch, type Unreadable } from './stored-values.ts'

/** An edit in the outbox: the name that the log knows it by, and the id that the store keeps it under. */
type EditName = Pick<StoredBatch, 'name' | 'storedId'>

/**
 * One page's part in the log of a store: it numbers the page's commits, and lists the records that
 * the page has read.
 */
export class StoreLog {
  readonly #page: string
  #number = 0
  /** All records that this page has read or written. */
  #covered: Counts = new Map()
  /** The records that must be present for this page's resume point to be valid. */
  #wanted: Counts = new Map()
  /** The edits of this page without an ack, by batch. */
  readonly #open = new Map<string, EditName[]>()
  /** Edits adopted from pages whose last records this page may never have read. */
  readonly #takenOver = new Set<string>()
  readonly #settledTakenOver: string[] = []
  /** Stored ids of edits that cannot be read or found; they are removed from the store. */
  #unusable: string[] = []
  #editCount = 0

  constructor(page: string) {
    this.#page = page
  }

  /**
   * These records are in the store, and this page has read them. The `named` ones may be missing:
   * the page then joins, and its next whole record replaces them too. Otherwise the gap would stay
   * while the page that wrote them writes on, and the next page would report it again.
   */
  seen(records: readonly LogRecord[], named: Counts): void {
    this.#covered = mergeCounts(mergeCounts(countsOf(records), named), this.#covered)
    this.#wanted = mergeCounts(presentIn(records), this.#wanted)
  }

  /** Edits that the store says are this page's from now on. */
  own(
    values: readonly unknown[],
    isTakenOver = false,
  ): { batches: Batch[]; records: Counts; damage: string[] } {
    const { batches, edits, damage } = readBatches(values)
    const records = edits.reduce<Counts>((all, edit) => mergeCounts(all, edit.records), new Map())
    for (const { batch, name, storedId } of edits) {
      this.#opened(batch.batchId, { name, storedId })
      if (isTakenOver) this.#takenOver.add(name)
    }
    this.#unusable.push(...damage.flatMap(({ storedId }) => storedId ?? []))
    return { batches, records, damage: damage.map(({ problem }) => problem) }
  }

  /** Edits that the records name and the outbox lacks. */
  lostFrom(records: readonly LogRecord[]): string[] {
    // Unreadable edits are already reported.
    const present = new Set([...this.#openNames(), ...this.#unusable])
    const lost = [...openEdits(records)].filter((name) => !present.has(name))
    this.#unusable.push(...lost)
    return lost.map((name) => `the stored edit ${name} is missing from the outbox`)
  }

  /** A change in the form in which it is written to the store. */
  written(change: DeviceStoreChange): DeviceStoreChange {
    const { updates, resume, whole } = change
    const added = change.edits.map((edit) => this.#add(edit))
    const settled = change.settled.flatMap((batchId) => this.#settle(batchId))
    const isSettled = new Set(settled.map(({ storedId }) => storedId))
    const edits = added.filter(({ batchId }) => !isSettled.has(batchId))
    const record = this.#record(
      { updates, ...(whole === undefined ? {} : { whole }) },
      edits.map(({ batchId }) => batchId),
      settled.map(({ name }) => name),
    )
    const unusable = this.#unusable
    this.#unusable = []
    return {
      updates: record === null || whole !== undefined ? [] : [record],
      edits,
      settled: [...isSettled, ...unusable],
      ...(resume === undefined ? {} : { resume: this.#seal(resume) }),
      ...(record === null || whole === undefined ? {} : { whole: record }),
    }
  }

  #add({ batchId, update, madeAt }: Batch): Batch {
    const name = `${batchId}/${this.#page}.${++this.#editCount}`
    this.#opened(batchId, { name, storedId: name })
    // The record of this change is the next one.
    const [page, number] = [this.#page, this.#number + 1]
    const framed = encodeEdit({ name, page, number, update, madeAt: madeAt ?? null })
    return { batchId: name, update: framed, ...(madeAt === undefined ? {} : { madeAt }) }
  }

  #opened(batchId: string, edit: EditName): void {
    const ofBatch = this.#open.get(batchId)
    if (ofBatch === undefined) this.#open.set(batchId, [edit])
    else ofBatch.push(edit)
  }

  #settle(batchId: string): EditName[] {
    const edits = this.#open.get(batchId) ?? [{ name: batchId, storedId: batchId }]
    this.#open.delete(batchId)
    // The record of such an edit may outlive this page's records, so all of them mark it as
    // settled.
    const names = edits.map(({ name }) => name)
    this.#settledTakenOver.push(...names.filter((name) => this.#takenOver.has(name)))
    return edits
  }

  /** Null if a change has nothing for the log. */
  #record(
    { updates, whole }: Pick<DeviceStoreChange, 'updates' | 'whole'>,
    edits: readonly string[],
    settled: readonly string[],
  ): Uint8Array | null {
    const isWhole = whole !== undefined
    if (!isWhole && updates.length + edits.length + settled.length === 0) return null
    this.#number += 1
    const bytes = encodeRecord({
      page: this.#page,
      number: this.#number,
      covers: isWhole ? this.#covered : new Map(),
      edits: isWhole ? this.#openNames() : edits,
      settled: isWhole ? [...settled, ...this.#settledTakenOver] : settled,
      updates: isWhole ? [whole] : updates,
    })
    const written = new Map([[this.#page, this.#number]])
    this.#covered = mergeCounts(this.#covered, written)
    this.#wanted = isWhole ? written : mergeCounts(this.#wanted, written)
    return bytes
  }

  #openNames(): string[] {
    return [...this.#open.values()].flatMap((edits) => edits.map(({ name }) => name))
  }

  /** The resume point together with its proof; the store keeps both as one value. */
  #seal(point: ResumePoint | null): ResumePoint | null {
    if (point === null) return null
    const seal = encodePoint({ point, records: this.#wanted })
    return { ...point, ...{ seal } }
  }
}

/** Edits as a store returns them: by batch, one by one, and the unreadable ones. */
export function readBatches(values: readonly unknown[]): {
  batches: Batch[]
  edits: StoredBatch[]
  damage: Unreadable[]
} {
  const read = values.map(readBatch)
  const edits = read.flatMap((one) => ('edit' in one ? [one.edit] : []))
  const idOf = new Map<string, string>()
  const inBatches = edits.map((edit) => {
    const batchId = idOf.get(edit.madeFor) ?? edit.batch.batchId
    idOf.set(edit.madeFor, batchId)
    return { ...edit, batch: { ...edit.batch, batchId } }
  })
  return {
    batches: batchesOf(
      inBatches.map(({ batch }) => batch),
      (updates) => cutUpdates(updates, Number.POSITIVE_INFINITY)[0] ?? new Uint8Array(),
    ),
    edits: inBatches,
    damage: read.flatMap((one) => ('problem' in one ? [one] : [])),
  }
}
