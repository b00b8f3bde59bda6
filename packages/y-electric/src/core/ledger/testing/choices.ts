// The choices in the world of the ledger: what can happen next.
import { mergeUpdates } from '../../../protocol/update-encoding.ts'
import { tallyState } from '../../compaction.ts'
import type { Batch } from '../../outbox.ts'
import type { LedgerEvent } from '../events.ts'
import { factsOf } from '../facts.ts'
import { editsIn, UPDATES } from './edits.ts'
import {
  failure,
  givenUp,
  type Model,
  refusal,
  serverHas,
  shows,
  type World,
  type WorldOptions,
} from './world.ts'

export interface Choice {
  readonly name: string
  readonly isFault: boolean
  readonly next: (world: World) => World
}

/** All choices available now. If there are none, the world is at rest. */
export function choicesOf(model: Model, world: World, options: WorldOptions): Choice[] {
  const event = (name: string, happens: LedgerEvent, change: Partial<World> = {}): Choice => ({
    name,
    isFault: false,
    next: (now) => model.dispatch({ ...now, ...change }, happens),
  })
  const fault = (choice: Choice): Choice => ({
    ...choice,
    isFault: true,
    next: (now) => choice.next({ ...now, faults: now.faults - 1 }),
  })
  const regular = [
    ...edits(event, world),
    ...writes(event, world),
    ...reads(event, world),
    ...storage(event, world),
    ...otherTab(event, world),
    ...appActs(event, world),
  ]
  if (world.faults === 0) return regular
  return [...regular, ...faults(event, model, world, options).map(fault)]
}

type MakeEvent = (name: string, happens: LedgerEvent, change?: Partial<World>) => Choice

function edits(event: MakeEvent, world: World): Choice[] {
  const [next, ...toDo] = world.toDo
  if (next === undefined) return []
  // The other tab announces an edit when it makes it; an edit from elsewhere is a row.
  if (next === 't') {
    const told: LedgerEvent = { type: 'tab-edit', tab: 'other', batchId: 'o1', update: UPDATES.t }
    const made = { toDo, otherTab: 'unsent' } as const
    const hello: LedgerEvent = { type: 'tab-hello', tab: 'other', unsent: [], isAnswer: true }
    const tell = event('the other tab edits', told, made)
    return [{ ...tell, next: (now) => tell.next(event('hello', hello).next(now)) }]
  }
  if (next === 'r') {
    const rows = [...world.rows, { batchId: 'r', edits: ['r' as const] }]
    return [
      { name: 'a row from elsewhere', isFault: false, next: (now) => ({ ...now, toDo, rows }) },
    ]
  }
  const update = UPDATES[next]
  const made: LedgerEvent = { type: next === 'k' ? 'foreign-load' : 'edited', update }
  const edited = event(`edit ${next}`, made, { toDo })
  return [{ ...edited, next: (now) => edited.next(shows(now, [next])) }]
}

/** The app's reaction to a refused batch or to having disconnected. */
function appActs(event: MakeEvent, { ledger }: World): Choice[] {
  const choices: Choice[] = []
  if (ledger.writing.outbox.phase === 'blocked')
    choices.push(event('resend', { type: 'resend' }), event('reconnect', { type: 'reconnect' }))
  if (!ledger.isWanted) choices.push(event('connect', { type: 'open' }))
  return choices
}

function writes(event: MakeEvent, world: World): Choice[] {
  const choices: Choice[] = []
  const { post } = world
  if (world.isFlushDue) choices.push(event('flush', { type: 'flush' }, { isFlushDue: false }))
  if (world.waits.write) {
    const waits = { ...world.waits, write: false }
    choices.push(event('write again', { type: 'write-retry' }, { waits }))
  }
  if (post === 'none') return choices
  if ('answerTo' in post) {
    const { answerTo: batch, isRepeat } = post
    const seq = 1 + world.rows.findIndex(({ batchId }) => batchId === batch.batchId)
    choices.push(event('ack', { type: 'acked', batch, seq, isRepeat }, { post: 'none' }))
  } else {
    choices.push({ name: 'commit', isFault: false, next: committed })
  }
  return choices
}

/** The server stores a batch once. */
function stored(world: World, { batchId, update }: Batch): World {
  if (world.rows.some((row) => row.batchId === batchId)) return world
  return { ...world, rows: [...world.rows, { batchId, edits: editsIn(update) }] }
}

/** The batch that is posted arrives. */
function committed(world: World): World {
  const { post, rows } = world
  if (post === 'none' || 'answerTo' in post) return world
  const isRepeat = rows.some(({ batchId }) => batchId === post.batchId)
  return { ...stored(world, post), post: { answerTo: post, isRepeat } }
}

function reads(event: MakeEvent, world: World): Choice[] {
  const { stateRead, stream, rows, delivered, waits } = world
  const choices: Choice[] = []
  if (waits.read)
    choices.push(event('read again', { type: 'read-retry' }, { waits: { ...waits, read: false } }))
  if (stateRead === 'asked')
    choices.push({
      name: 'state leaves',
      isFault: false,
      next: (now) => ({ ...now, stateRead: { rows } }),
    })
  else if (stateRead !== 'none') {
    const state = {
      activeSegment: 0,
      snapshot: null,
      rows: stateRead.rows.map(({ batchId, edits }, i) => ({
        seq: i + 1,
        segment: 0,
        batchId,
        data: updateFor(edits),
      })),
    }
    const seqs = new Set(state.rows.map(({ seq }) => seq))
    const read: LedgerEvent = {
      type: 'state-read',
      state,
      follow: null,
      seqs,
      tally: tallyState(state),
      bad: [],
    }
    choices.push(event('state arrives', read, { stateRead: 'none' }))
  }
  if (stream === 'none') return choices
  const row = rows[delivered]
  if (row !== undefined) choices.push(deliver(event, world, row.edits))
  else if (!factsOf(world.ledger, 0).synced || !isLive(world))
    choices.push(event('up-to-date', UP_TO_DATE))
  return choices
}

const UP_TO_DATE: LedgerEvent = {
  type: 'message',
  message: { headers: { control: 'up-to-date' } },
  isBehind: false,
}

const isLive = ({ ledger }: World): boolean =>
  ledger.reading.connection.phase === 'following' && ledger.reading.connection.live

const updates = new Map<string, Uint8Array>()

/** The same bytes for the same edits. */
function updateFor(edits: World['doc']): Uint8Array {
  const key = edits.join('')
  const [first] = edits
  const update =
    updates.get(key) ?? (first !== undefined && edits.length === 1 ? UPDATES[first] : merged(edits))
  updates.set(key, update)
  return update
}

const merged = (edits: World['doc']): Uint8Array => mergeUpdates(edits.map((edit) => UPDATES[edit]))

/** A row, and the position after it. */
function deliver(event: MakeEvent, world: World, edits: World['doc']): Choice {
  const delivered = world.delivered + 1
  const hex = [...updateFor(edits)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const value = { seq: String(delivered), data: `\\x${hex}` }
  const message = { headers: { operation: 'insert' }, value }
  const point = { segment: 0, position: { offset: String(delivered), handle: 'h' } }
  const row = event(
    `row ${delivered}`,
    { type: 'message', message, isBehind: false },
    { delivered },
  )
  const reached = event('reached', { type: 'reached', point })
  return { ...row, next: (now) => reached.next(row.next(now)) }
}

/** The device store commits all that was recorded, in one transaction. */
function storage(event: MakeEvent, world: World): Choice[] {
  if (world.recorded.length === 0) return []
  let { edits, batches, resume } = world.stored
  for (const change of world.recorded) {
    if (change.type === 'row' || change.type === 'edit') {
      const update = change.type === 'row' ? change.update : change.edit.update
      edits = [...edits, ...editsIn(update).filter((edit) => !edits.includes(edit))]
    }
    if (change.type === 'whole') edits = world.doc
    if (change.type === 'edit') batches = [...batches, change.edit]
    if (change.type === 'settled')
      batches = batches.filter(({ batchId }) => batchId !== change.batchId)
    if (change.type === 'resume') resume = pointOf(change.point)
  }
  const stored = { edits, batches: byId(batches), resume }
  const all: LedgerEvent = { type: 'device-stored', stored: { all: true, edits: true } }
  return [event('store', all, { recorded: [], stored })]
}

const pointOf = (point: { position: { offset: string } | null } | null): number | null =>
  point === null ? null : point.position === null ? 0 : Number(point.position.offset)

function byId(batches: World['stored']['batches']): World['stored']['batches'] {
  const ids = [...new Set(batches.map(({ batchId }) => batchId))]
  return ids.map((batchId) => {
    const all = batches.filter((batch) => batch.batchId === batchId)
    const [first] = all
    const update = all.length === 1 ? first?.update : mergeUpdates(all.map((one) => one.update))
    return { batchId, update: update ?? new Uint8Array() }
  })
}

function otherTab(event: MakeEvent, world: World): Choice[] {
  if (world.otherTab !== 'unsent') return []
  const rows = [...world.rows, { batchId: 'o1', edits: ['t' as const] }]
  const settled: LedgerEvent = { type: 'tab-settled', tab: 'other', batchId: 'o1' }
  return [event('the other tab is acked', settled, { otherTab: 'sent', rows })]
}

function faults(event: MakeEvent, model: Model, world: World, options: WorldOptions): Choice[] {
  const { post, stateRead, stream, ghost } = world
  const choices: Choice[] = []
  if (ghost !== null) {
    const arrived = (now: World) => ({ ...stored(now, ghost), ghost: null })
    choices.push({ name: 'a given-up request arrives', isFault: true, next: arrived })
  }
  if (post !== 'none') {
    const batch = 'answerTo' in post ? post.answerTo : post
    const lost: LedgerEvent = { type: 'write-failed', batch, error: failure }
    choices.push(event('the answer is lost', lost, { post: 'none', ghost: givenUp(world) }))
  }
  if (post !== 'none' && !('answerTo' in post)) {
    const refused: LedgerEvent = { type: 'write-refused', batch: post, error: refusal }
    choices.push(event('the server refuses', refused, { post: 'none' }))
  }
  const broke: LedgerEvent = {
    type: 'read-failed',
    error: failure,
    isTransient: true,
    position: null,
  }
  if (stateRead !== 'none') choices.push(event('state is lost', broke, { stateRead: 'none' }))
  if (stream === 'open') {
    const position = { offset: String(world.delivered), handle: 'h' }
    choices.push(event('the stream breaks', { ...broke, position }, { stream: 'none' }))
    const mustRefetch = { headers: { control: 'must-refetch' } }
    choices.push(event('rows are overdue', { type: 'silent', remedy: 'join' }))
    choices.push(event('must-refetch', { type: 'message', message: mustRefetch, isBehind: false }))
  }
  choices.push(event('reconnect', { type: 'reconnect' }), event('disconnect', { type: 'close' }))
  if (world.otherTab === 'unsent') {
    const gone = event(
      'the other tab is gone',
      { type: 'tab-gone', tab: 'other' },
      { otherTab: 'gone' },
    )
    const led = event('led', { type: 'led' })
    choices.push({ ...gone, next: (now) => led.next(gone.next(now)) })
  }
  if (options.hasDevice)
    choices.push({
      name: 'crash',
      isFault: true,
      next: (now) => model.page({ ...now, ghost: givenUp(now) }),
    })
  return choices
}

/** Everything that holds when nothing more can happen. */
export function restProblem(world: World): string | null {
  const there = serverHas(world)
  const facts = factsOf(world.ledger, 0)
  if (!facts.saved || !facts.synced)
    return `at rest, and not saved or synced: ${JSON.stringify(facts)}`
  if (world.doc.some((edit) => !there.includes(edit)))
    return 'at rest, and the server lacks an edit'
  if (there.some((edit) => !world.doc.includes(edit)))
    return 'at rest, and the document lacks a row'
  return null
}
