/** Edits of other tabs, alive or gone, that have no ack. Pure bookkeeping over `UnsentOfOthers`. */
import { mergeUpdates } from '../protocol/update-encoding.ts'
import { covers, type Orphan } from './adoption.ts'
import { type Edits, inOrder, type OutboxState } from './outbox.ts'

/** Edits of a tab without an ack, as one batch. */
export interface UnsentBatch {
  readonly batchId: string
  readonly update: Uint8Array
  /** The batch is cut: this is all of it, and it never changes again. */
  readonly isCut: boolean
}

/** A batch of another tab, as far as this tab has received it. */
export interface HeardBatch {
  readonly updates: Edits
  /** The other tab has cut the batch, so it never changes again. */
  readonly isCut: boolean
  /** When this tab first received some of it. */
  readonly since: number
}

/** Edits of other tabs that have no ack, as far as this tab has received them. */
export interface UnsentOfOthers {
  /** By tab, then by batch. A tab is here once it has introduced itself. */
  readonly alive: ReadonlyMap<string, ReadonlyMap<string, HeardBatch>>
  /** Batches of tabs that are gone, until a tab adopts them. */
  readonly orphans: ReadonlyMap<string, HeardBatch>
  /** When the last tab went; null if none has. */
  readonly goneAt: number | null
}

export const NOBODY: UnsentOfOthers = { alive: new Map(), orphans: new Map(), goneAt: null }

type Batches = ReadonlyMap<string, HeardBatch>

/** A tab announces everything that it has without an ack. */
export function introduced(
  others: UnsentOfOthers,
  tab: string,
  unsent: readonly UnsentBatch[],
  now: number,
): UnsentOfOthers {
  const before = others.alive.get(tab)
  const batches = new Map(
    unsent.map(({ batchId, update, isCut }): [string, HeardBatch] => {
      const since = before?.get(batchId)?.since ?? now
      return [batchId, { updates: { last: update, before: null }, isCut, since }]
    }),
  )
  const known = { ...others, alive: new Map(others.alive).set(tab, batches) }
  return unsent.reduce<UnsentOfOthers>(
    (all, { batchId, update }) => withoutCovered(all, tab, batchId, update),
    known,
  )
}

export const isIntroduced = ({ alive }: UnsentOfOthers, tab: string): boolean => alive.has(tab)

export function heardEdit(
  others: UnsentOfOthers,
  tab: string,
  { batchId, update }: Pick<UnsentBatch, 'batchId' | 'update'>,
  now: number,
): UnsentOfOthers {
  const known = others.alive.get(tab)?.get(batchId)
  const updates = { last: update, before: known?.updates ?? null }
  return noted(others, tab, batchId, { updates, isCut: false, since: known?.since ?? now })
}

export function heardCut(
  others: UnsentOfOthers,
  tab: string,
  { batchId, update }: Pick<UnsentBatch, 'batchId' | 'update'>,
  now: number,
): UnsentOfOthers {
  const since = others.alive.get(tab)?.get(batchId)?.since ?? now
  return noted(others, tab, batchId, {
    updates: { last: update, before: null },
    isCut: true,
    since,
  })
}

/** Another tab now sends what some tab had under `formerId`. */
export function heardAdopted(
  others: UnsentOfOthers,
  tab: string,
  { batchId, update, formerId }: { batchId: string; update: Uint8Array; formerId: string },
  now: number,
): UnsentOfOthers {
  return withoutCovered(heardCut(others, tab, { batchId, update }, now), tab, formerId, update)
}

/** This tab now sends what another tab had under `formerId`. */
export const adoptedHere = (
  others: UnsentOfOthers,
  formerId: string,
  update: Uint8Array,
): UnsentOfOthers => withoutCovered(others, null, formerId, update)

/** Also returns the content of the batch, as far as it was received. */
export function heardSettled(
  others: UnsentOfOthers,
  tab: string,
  batchId: string,
): { others: UnsentOfOthers; updates: Uint8Array[] } {
  const ofTab = others.alive.get(tab)
  const known = ofTab?.get(batchId)
  if (ofTab === undefined || known === undefined) return { others, updates: [] }
  const alive = new Map(others.alive).set(tab, without(ofTab, batchId))
  return { others: { ...others, alive }, updates: inOrder(known.updates) }
}

export function tabGone(others: UnsentOfOthers, tab: string, now: number): UnsentOfOthers {
  const orphans = new Map([...others.orphans, ...(others.alive.get(tab) ?? [])])
  return { alive: without(others.alive, tab), orphans, goneAt: now }
}

/** Everything that other tabs have without an ack, as updates. */
export const unsentByOthers = (others: UnsentOfOthers): Uint8Array[] =>
  heard(others).flatMap(({ updates }) => inOrder(updates))

export const hasUnsent = ({ alive, orphans }: UnsentOfOthers): boolean =>
  orphans.size > 0 || [...alive.values()].some(({ size }) => size > 0)

/** When this tab first received each batch that another tab has without an ack. */
export const heardSince = (others: UnsentOfOthers): number[] =>
  heard(others).map(({ since }) => since)

/** The unsent edits of closed tabs, until another tab announces that it sends them. */
export const orphansOf = ({ orphans }: UnsentOfOthers): Orphan[] =>
  [...orphans].map(([batchId, { updates, isCut }]) => ({
    batchId,
    update: mergeUpdates(inOrder(updates)),
    isCut,
  }))

const heard = ({ alive, orphans }: UnsentOfOthers): HeardBatch[] => [
  ...[...alive.values()].flatMap((ofTab) => [...ofTab.values()]),
  ...orphans.values(),
]

function noted(
  others: UnsentOfOthers,
  tab: string,
  batchId: string,
  batch: HeardBatch,
): UnsentOfOthers {
  const ofTab = new Map(others.alive.get(tab)).set(batchId, batch)
  return { ...others, alive: new Map(others.alive).set(tab, ofTab) }
}

/**
 * A tab announces that it sends the edits of another tab, which may be gone without this tab having
 * noticed. Only edits that the update covers are dropped: the sender may have received less of the
 * other tab, or read less from the store.
 */
function withoutCovered(
  others: UnsentOfOthers,
  by: string | null,
  batchId: string,
  update: Uint8Array,
): UnsentOfOthers {
  const drop = (batches: Batches): Batches => {
    const known = batches.get(batchId)
    const isCovered = known !== undefined && covers(update, mergeUpdates(inOrder(known.updates)))
    return isCovered ? without(batches, batchId) : batches
  }
  const alive = new Map(
    [...others.alive].map(([tab, batches]) => [tab, tab === by ? batches : drop(batches)]),
  )
  return { ...others, alive, orphans: drop(others.orphans) }
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  const left = new Map(map)
  left.delete(key)
  return left
}

/** The contents of the outbox in the form in which other tabs are notified of them. */
export function unsentOf(outbox: OutboxState): UnsentBatch[] {
  const cut = outbox.batches.map(({ batchId, update }) => ({ batchId, update, isCut: true }))
  const gathering = inOrder(outbox.edits)
  if (outbox.nextBatchId === null || gathering.length === 0) return cut
  return [...cut, { batchId: outbox.nextBatchId, update: mergeUpdates(gathering), isCut: false }]
}
