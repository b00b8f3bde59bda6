// A ledger with a minimal document, server, other tab and device store around it. Each effect
// that needs the outside becomes a choice that can happen, or fail, at any later moment.
import { ElectricProviderError } from '../../../errors.ts'
import type { ResumePoint } from '../../connection.ts'
import { type Batch, unackedUpdates } from '../../outbox.ts'
import { unsentByOthers } from '../../unsent-of-others.ts'
import { assertLedger } from '../assert.ts'
import type { DeviceChange, LedgerEffect } from '../effects.ts'
import type { KeptDocument, LedgerEvent } from '../events.ts'
import { factsOf } from '../facts.ts'
import { ledgerStep } from '../ledger.ts'
import { beginLedger, type LedgerState } from '../state.ts'
import type { LedgerContext } from '../work.ts'
import { EDITS, type Edit, editsIn, UPDATES, updateOf } from './edits.ts'

const failure = new ElectricProviderError('network', 'lost on the way')
const refusal = new ElectricProviderError('update_too_large', 'too large', { status: 413 })

interface Row {
  readonly batchId: string
  readonly edits: readonly Edit[]
}

/** The content of the device store. */
interface Stored {
  readonly edits: readonly Edit[]
  readonly batches: readonly Batch[]
  readonly resume: number | null
}

/** Everything, as one immutable value. */
export interface World {
  readonly ledger: LedgerState
  /** The edits that the Y.Doc shows. */
  readonly doc: readonly Edit[]
  readonly rows: readonly Row[]
  /** How many rows the stream has delivered. */
  readonly delivered: number
  readonly post: 'none' | Batch | { readonly answerTo: Batch; readonly isRepeat: boolean }
  readonly stateRead: 'none' | 'asked' | { readonly rows: readonly Row[] }
  readonly stream: 'none' | 'open'
  readonly waits: { readonly write: boolean; readonly read: boolean }
  readonly isFlushDue: boolean
  /** Recorded but not yet stored. */
  readonly recorded: readonly DeviceChange[]
  readonly stored: Stored
  /** The other tab has made its edit and has it in its outbox; `sent`: the server has it. */
  readonly otherTab: 'silent' | 'unsent' | 'sent' | 'gone'
  readonly toDo: readonly Edit[]
  /** A request that was given up but may still arrive. */
  readonly ghost: Batch | null
  readonly faults: number
  readonly ids: number
  readonly broken: string | null
}

export interface WorldOptions {
  readonly edits: readonly Edit[]
  readonly faults: number
  readonly hasTabs: boolean
  readonly hasDevice: boolean
  /** Changes an effect or leaves it out (null): a planted fault. */
  readonly tamper?: (effect: LedgerEffect) => LedgerEffect | null
}

const NOW = 10_000

/** A change of the world; pure. */
export class Model {
  readonly #options: WorldOptions

  constructor(options: WorldOptions) {
    this.#options = options
  }

  begin(): World {
    const { edits, faults } = this.#options
    return this.page({
      rows: [],
      stored: { edits: [], batches: [], resume: null },
      otherTab: 'silent',
      toDo: edits,
      ghost: null,
      faults,
      ids: 0,
      broken: null,
    })
  }

  /** A page opens in an existing world. */
  page(
    world: Pick<
      World,
      'rows' | 'stored' | 'otherTab' | 'toDo' | 'ghost' | 'faults' | 'ids' | 'broken'
    >,
  ): World {
    const { hasTabs, hasDevice } = this.#options
    const { rows, stored, otherTab, toDo, ghost, faults, ids, broken } = world
    const opened: World = {
      ...{ rows, stored, otherTab, toDo, ghost, faults, ids, broken },
      ledger: beginLedger({ now: NOW, isBlank: true, hasDevice, hasTabs }),
      doc: [],
      delivered: 0,
      post: 'none',
      stateRead: 'none',
      stream: 'none',
      waits: { write: false, read: false },
      isFlushDue: false,
      recorded: [],
    }
    const kept = keptOf(opened)
    const loaded = hasDevice ? this.dispatch(opened, { type: 'device-loaded', kept }) : opened
    return this.dispatch(loaded, { type: 'open' })
  }

  /** Handles an event and everything that its effects cause at once. */
  dispatch(world: World, event: LedgerEvent): World {
    let now = world
    const queue: LedgerEvent[] = [event]
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const before = now.ledger
      let { ids } = now
      const context: LedgerContext = {
        now: NOW,
        freshId: () => `b${++ids}`,
        maxUpdateBytes: 1_000_000,
      }
      const { state, effects } = ledgerStep(before, next, context)
      const problem = assertLedger(before, next, state)
      now = { ...now, ledger: state, ids, broken: now.broken ?? problem }
      for (const effect of effects) {
        const done = this.#options.tamper === undefined ? effect : this.#options.tamper(effect)
        if (done !== null) now = run(now, done, queue)
      }
    }
    return { ...now, broken: now.broken ?? ruleBrokenBy(now) }
  }
}

function run(world: World, effect: LedgerEffect, queue: LedgerEvent[]): World {
  switch (effect.to) {
    case 'writer':
      if (effect.type === 'send') return { ...world, post: effect.batch }
      if (effect.type === 'wait') return { ...world, waits: { ...world.waits, write: true } }
      if (effect.type === 'flush-soon') return { ...world, isFlushDue: true }
      if (effect.type !== 'stop') return world
      return {
        ...world,
        ghost: givenUp(world),
        post: 'none',
        waits: { ...world.waits, write: false },
      }
    case 'reader':
      return runReader(world, effect)
    case 'document':
      return runDocument(world, effect, queue)
    case 'device':
      if (effect.type === 'record')
        return { ...world, recorded: [...world.recorded, effect.change] }
      queue.push({ type: 'taken-over', stored: { batches: [], ofOthers: [] } })
      return world
    default:
      return world
  }
}

/** A request that had not arrived when it was given up. */
export const givenUp = ({ post, ghost }: World): Batch | null =>
  post === 'none' || 'answerTo' in post ? ghost : post

function runReader(world: World, effect: Extract<LedgerEffect, { to: 'reader' }>): World {
  const ended = { ...world, stateRead: 'none', stream: 'none' } as const
  const waits = { ...world.waits, read: false }
  switch (effect.type) {
    case 'join':
      return { ...ended, waits, stateRead: 'asked' }
    case 'follow':
      return { ...ended, waits, stream: 'open', delivered: deliveredAt(effect.from) }
    case 'wait':
      return { ...ended, waits: { ...waits, read: true } }
    case 'stop':
      return { ...ended, waits }
    default:
      return world
  }
}

/** An offset is the number of rows before it; the start of the segment is 0. */
const deliveredAt = ({ position }: ResumePoint): number =>
  position === null ? 0 : Number(position.offset)

function runDocument(
  world: World,
  effect: Extract<LedgerEffect, { to: 'document' }>,
  queue: LedgerEvent[],
): World {
  switch (effect.type) {
    case 'apply': {
      const { update, source } = effect
      const isNew = editsIn(update).some((edit) => !world.doc.includes(edit))
      queue.push({ type: 'applied', update, source, isNew, isContradicting: false })
      return shows(world, editsIn(update))
    }
    case 'apply-kept':
      queue.push({ type: 'kept-applied', kept: effect.kept, added: [], isWaiting: false })
      return shows(world, effect.kept.updates.flatMap(editsIn))
    case 'compare': {
      const { state, sending } = effect
      const there = [...state.rows.map(({ data }) => data), ...sending].flatMap(editsIn)
      const missing = world.doc.filter((edit) => !there.includes(edit))
      const update = missing.length === 0 ? null : updateOf(missing)
      queue.push({ type: 'compared', state, comparison: { type: 'missing', update } })
      return world
    }
    case 'apply-state':
      queue.push({ type: 'state-applied', state: effect.state })
      return shows(
        world,
        effect.state.rows.flatMap(({ data }) => editsIn(data)),
      )
    default:
      return world
  }
}

export const shows = (world: World, edits: readonly Edit[]): World => ({
  ...world,
  doc: EDITS.filter((edit) => world.doc.includes(edit) || edits.includes(edit)),
})

/** The edits that a page finds in the store when it loads. */
export const keptOf = ({ stored }: World): KeptDocument => ({
  updates: stored.edits.map((edit) => UPDATES[edit]),
  batches: stored.batches,
  resume:
    stored.resume === null
      ? null
      : { segment: 0, position: { offset: String(stored.resume), handle: 'h' } },
  ofOthers: [],
  damage: [],
})

export const serverHas = ({ rows }: World): readonly Edit[] => rows.flatMap(({ edits }) => edits)

/** The rules, checked after every step. */
function ruleBrokenBy(world: World): string | null {
  const facts = factsOf(world.ledger, NOW)
  const there = serverHas(world)
  if (facts.saved && world.doc.some((edit) => !there.includes(edit)))
    return 'SYNC-1: saved, and the server lacks an edit'
  const { outbox } = world.ledger.writing
  const elsewhere = [...unackedUpdates(outbox), ...unsentByOthers(world.ledger.others)]
  const known = [...there, ...elsewhere.flatMap(editsIn)]
  if (world.ledger.doubt.type === 'none' && world.doc.some((edit) => !known.includes(edit)))
    return 'ACK-2: an edit is nowhere, and nobody is in doubt'
  const { stored } = world
  const unsent = stored.batches.flatMap(({ update }) => editsIn(update))
  const before = world.rows.slice(0, stored.resume ?? 0).flatMap(({ edits }) => edits)
  if (stored.resume !== null && before.some((edit) => !stored.edits.includes(edit)))
    return 'DEV-1: a resume point is stored without the rows before it'
  if (
    stored.resume !== null &&
    stored.edits.some((edit) => !there.includes(edit) && !unsent.includes(edit))
  )
    return 'DEV-1: a resume point is stored with an edit that nobody sends'
  return null
}

export { failure, refusal }
