/** A step of the ledger in progress, and the small changes that several parts make. */
import type { DeviceChange, LedgerEffect } from './effects.ts'
import type { LedgerState, Reading, Writing } from './state.ts'

/** The inputs of a step besides the state and the event. */
export interface LedgerContext {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Supplies ids for batches; each is a new UUID. */
  readonly freshId: () => string
  readonly maxUpdateBytes: number
}

/**
 * A step in progress: the state so far, and the effects so far in the order in which they will run.
 */
export interface Work {
  state: LedgerState
  readonly effects: LedgerEffect[]
  readonly context: LedgerContext
}

export function set(work: Work, change: Partial<LedgerState>): void {
  work.state = { ...work.state, ...change }
}

export function setWriting(work: Work, change: Partial<Writing>): void {
  set(work, { writing: { ...work.state.writing, ...change } })
}

export function setReading(work: Work, change: Partial<Reading>): void {
  set(work, { reading: { ...work.state.reading, ...change } })
}

export function emit(work: Work, effect: LedgerEffect): void {
  work.effects.push(effect)
}

/** Records a change on this device, if there is a store. */
export function record(work: Work, change: DeviceChange): void {
  const { device } = work.state
  if (device.type === 'absent' || device.type === 'lost') return
  emit(work, { to: 'device', type: 'record', change })
  if (device.type !== 'open') return
  const edits = device.stored.edits && change.type !== 'edit'
  if (device.stored.all || edits !== device.stored.edits)
    set(work, { device: { type: 'open', stored: { all: false, edits } } })
}

/** True if this tab currently works with other tabs. */
export const isWithTabs = ({ tabs }: LedgerState): boolean =>
  tabs.type === 'following' || tabs.type === 'leading'

/** Edits belong to the device and to the other tabs as soon as the outbox has them. */
export function spread(work: Work, edit: { batchId: string; update: Uint8Array; madeAt: number }) {
  const { batchId, update } = edit
  record(work, { type: 'edit', edit })
  if (isWithTabs(work.state)) emit(work, { to: 'tabs', type: 'edited', batchId, update })
}

/** The edits of this batch have an ack, or are sent as other batches. */
export function settle(work: Work, batchId: string): void {
  record(work, { type: 'settled', batchId })
  if (isWithTabs(work.state)) emit(work, { to: 'tabs', type: 'settled', batchId })
}

/** The document may hold something that the server lacks and that no outbox holds. */
export function doubt(work: Work): void {
  if (work.state.doubt.type === 'none')
    set(work, { doubt: { type: 'doubted', since: work.context.now, loaded: null } })
}

/** Another persistence has loaded an update: the server may lack some of it, and no outbox holds it. */
export function doubtLoaded(work: Work, update: Uint8Array): void {
  doubt(work)
  const { doubt: known } = work.state
  if (known.type === 'none') return
  set(work, { doubt: { ...known, loaded: { last: update, before: known.loaded } } })
}

/** The outbox now has everything that the server lacked. */
export function endDoubt(work: Work): void {
  set(work, { doubt: { type: 'none' }, isRemaking: false })
}

/** There is no resume point any more. */
export function forgetResume(work: Work): void {
  if (work.state.resume.type !== 'none') set(work, { resume: { type: 'none' } })
}

/**
 * The document received something that may be nowhere else: until that is settled, a new page must
 * join.
 */
export function withdrawResume(work: Work): void {
  const { resume } = work.state
  if (resume.type === 'recorded') set(work, { resume: { ...resume, type: 'held-back' } })
  if (resume.type === 'loaded') forgetResume(work)
  record(work, { type: 'resume', point: null })
}
