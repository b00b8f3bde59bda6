// One state of each kind, reached by the events that lead to it, and one event of each kind.
import * as Y from 'yjs'
import { ElectricProviderError } from '../../../errors.ts'
import { tallyState } from '../../compaction.ts'
import type { Batch } from '../../outbox.ts'
import type { UnsentBatch } from '../../unsent-of-others.ts'
import { assertLedger } from '../assert.ts'
import type { KeptDocument, LedgerEvent } from '../events.ts'
import { ledgerStep } from '../ledger.ts'
import { type Beginning, beginLedger, type LedgerState } from '../state.ts'

/** Updates of one client, one letter each. */
function letters(text: string): Uint8Array[] {
  const doc = new Y.Doc()
  doc.clientID = 1
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const letter of text) doc.getText('t').insert(0, letter)
  return updates
}
const [FIRST, SECOND, THEIRS] = letters('abc') as [Uint8Array, Uint8Array, Uint8Array]

/** Runs events one after the other. @throws if a rule does not hold after one of them */
export function runEvents(
  state: LedgerState,
  events: readonly LedgerEvent[],
  now = 1_000,
): LedgerState {
  let ids = 0
  const context = { now, freshId: () => `b${++ids}`, maxUpdateBytes: 1_000_000 }
  return events.reduce((before, event) => {
    const step = ledgerStep(before, event, context)
    const problem = assertLedger(before, event, step.state)
    if (problem !== null) throw new Error(`after ${event.type}: ${problem}`)
    return step.state
  }, state)
}

const failure = new ElectricProviderError('network', 'no answer')
const refusal = new ElectricProviderError('update_too_large', 'too large', { status: 413 })
const conflict = new ElectricProviderError('client_id_conflict', 'another writer')
const state = { activeSegment: 0, snapshot: null, rows: [] }
const point = { segment: 0, position: { offset: '7_0', handle: 'h' } }
const batch: Batch = { batchId: 'b1', update: FIRST, madeAt: 1_000 }
const unsent: UnsentBatch = { batchId: 't1', update: THEIRS, isCut: true }
const kept: KeptDocument = {
  updates: [],
  batches: [],
  resume: null,
  ofOthers: [],
  damage: [],
}
const user = { clientId: 9, update: new Uint8Array() }
const row = {
  headers: { operation: 'insert' },
  value: {
    seq: '7',
    data: `\\x${[...THEIRS].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`,
  },
}
const control = (name: string) => ({ headers: { control: name } })
type Message = Extract<LedgerEvent, { type: 'message' }>
const message = (message: object): Message =>
  ({ type: 'message', message, isBehind: false }) as Message

const stateRead: LedgerEvent = {
  type: 'state-read',
  state,
  follow: null,
  seqs: new Set(),
  tally: tallyState(state),
  bad: [],
}
const parts: LedgerEvent = {
  type: 'compared',
  state,
  comparison: { type: 'parted', missing: null, isOutdated: false, error: conflict },
}
const agrees: LedgerEvent = {
  type: 'compared',
  state,
  comparison: { type: 'missing', update: null },
}

/** One event of each kind; several where the result depends on the event's content. */
export const EVENTS = {
  open: { type: 'open' },
  close: { type: 'close' },
  reconnect: { type: 'reconnect' },
  resend: { type: 'resend' },
  online: { type: 'online' },
  folded: { type: 'folded', snapshotBytes: 5 },
  userMoved: { type: 'user-moved', user },
  look: { type: 'look' },
  broken: { type: 'broken', problem: 'a rule' },
  joinEffectFailed: { type: 'effect-failed', isOfJoin: true, cause: null },
  effectFailed: { type: 'effect-failed', isOfJoin: false, cause: null },
  edited: { type: 'edited', update: SECOND },
  foreignLoad: { type: 'foreign-load', update: SECOND },
  keptApplied: { type: 'kept-applied', kept, added: [], isWaiting: false },
  appliedRow: {
    type: 'applied',
    update: THEIRS,
    source: { type: 'row', seq: 7 },
    isNew: true,
    isContradicting: false,
  },
  appliedTabEdit: {
    type: 'applied',
    update: THEIRS,
    source: { type: 'tab' },
    isNew: true,
    isContradicting: false,
  },
  contradicted: {
    type: 'applied',
    update: THEIRS,
    source: { type: 'row', seq: 7 },
    isNew: false,
    isContradicting: true,
  },
  agrees,
  misses: { type: 'compared', state, comparison: { type: 'missing', update: SECOND } },
  parts,
  stateApplied: { type: 'state-applied', state },
  flush: { type: 'flush' },
  writeRetry: { type: 'write-retry' },
  acked: { type: 'acked', batch, seq: 8, isRepeat: false },
  ackedRepeat: { type: 'acked', batch, seq: 8, isRepeat: true },
  writeFailed: { type: 'write-failed', batch, error: failure },
  writeRefused: { type: 'write-refused', batch, error: refusal },
  stateRead,
  readFailed: { type: 'read-failed', error: failure, isTransient: true, position: point.position },
  segmentGone: {
    type: 'read-failed',
    error: new ElectricProviderError('segment_folded', 'folded', { status: 410 }),
    isTransient: true,
    position: null,
  },
  readRefused: {
    type: 'read-failed',
    error: new ElectricProviderError('forbidden', 'no', { status: 403 }),
    isTransient: false,
    position: null,
  },
  row: message(row),
  badRow: message({ headers: { operation: 'insert' }, value: { seq: '9', data: 'x' } }),
  seal: message({ headers: { operation: 'insert' }, value: { seq: '9', data: '\\x' } }),
  upToDate: message(control('up-to-date')),
  behind: { type: 'message', message: control('up-to-date'), isBehind: true },
  mustRefetch: message(control('must-refetch')),
  reached: { type: 'reached', point },
  silentReread: { type: 'silent', remedy: 'reread' },
  silentJoin: { type: 'silent', remedy: 'join' },
  asking: { type: 'asking', isAsking: true },
  liveAnswered: { type: 'live-answered' },
  readRetry: { type: 'read-retry' },
  tabHello: { type: 'tab-hello', tab: 'x', unsent: [unsent], isAnswer: false },
  tabEdit: { type: 'tab-edit', tab: 'other', batchId: 't2', update: THEIRS },
  tabCut: { type: 'tab-cut', tab: 'other', batchId: 't1', update: THEIRS },
  tabAdopted: {
    type: 'tab-adopted',
    tab: 'other',
    batchId: 't3',
    update: THEIRS,
    formerId: 't1',
  },
  tabSettled: { type: 'tab-settled', tab: 'other', batchId: 't1' },
  tabGone: { type: 'tab-gone', tab: 'other' },
  led: { type: 'led' },
  deposed: { type: 'deposed' },
  beat: { type: 'beat' },
  tabUser: { type: 'tab-user', user },
  tabUserLeft: { type: 'tab-user-left', clientId: 9 },
  deviceLoaded: { type: 'device-loaded', kept },
  deviceStored: { type: 'device-stored', stored: { all: true, edits: true } },
  deviceLost: { type: 'device-lost', cause: null },
  deviceDamaged: { type: 'device-damaged', damage: ['a record'] },
  takenOver: { type: 'taken-over', stored: { batches: [], ofOthers: [] } },
} as const satisfies Record<string, LedgerEvent>

export type EventName = keyof typeof EVENTS

/** The types of events that have no entry above. The table of transitions needs one for each, so the compiler names them. */
export type MissingEvent = Exclude<LedgerEvent['type'], (typeof EVENTS)[EventName]['type']>

const begin = (about: Partial<Beginning> = {}): LedgerState =>
  beginLedger({ now: 0, isBlank: true, hasDevice: false, hasTabs: false, ...about })

const joined = [stateRead, agrees, EVENTS.stateApplied]
const live = [EVENTS.open, ...joined, EVENTS.upToDate]
const sending = [...live, { type: 'edited', update: FIRST } as const, EVENTS.flush]
const parting = [...live, EVENTS.contradicted, stateRead]
const onDevice = runEvents(begin({ hasDevice: true }), [
  EVENTS.keptApplied,
  ...live,
  EVENTS.deviceStored,
])
const withTabs = runEvents(begin({ hasDevice: true, hasTabs: true }), [
  EVENTS.keptApplied,
  ...live,
  { type: 'tab-hello', tab: 'other', unsent: [unsent], isAnswer: true },
  EVENTS.appliedTabEdit,
])

/** One state of each kind. */
export const STATES = {
  closed: begin(),
  closedInDoubt: begin({ isBlank: false }),
  closedWithTabs: begin({ hasTabs: true }),
  loading: begin({ hasDevice: true }),
  resumable: runEvents(begin({ hasDevice: true }), [
    { ...EVENTS.keptApplied, kept: { ...kept, resume: point } },
  ]),
  joining: runEvents(begin(), [EVENTS.open]),
  awaitingAnswers: runEvents(begin(), [...sending, EVENTS.contradicted, stateRead, parts]),
  catchingUp: runEvents(begin(), [EVENTS.open, ...joined]),
  live: runEvents(begin(), live),
  asking: runEvents(begin(), [...live, EVENTS.asking]),
  sealSeen: runEvents(begin(), [...live, EVENTS.seal]),
  gathering: runEvents(begin(), [...live, { type: 'edited', update: FIRST }]),
  sending: runEvents(begin(), sending),
  sendingAgain: runEvents(begin(), [...sending, EVENTS.writeFailed, EVENTS.writeRetry]),
  writeWaiting: runEvents(begin(), [...sending, EVENTS.writeFailed]),
  blocked: runEvents(begin(), [...sending, EVENTS.writeRefused]),
  resending: runEvents(begin(), [...sending, EVENTS.writeRefused, EVENTS.resend]),
  heldBack: runEvents(begin(), [
    ...live,
    EVENTS.contradicted,
    { type: 'edited', update: FIRST },
    EVENTS.flush,
  ]),
  waitingToJoin: runEvents(begin(), [EVENTS.open, EVENTS.readFailed]),
  waitingToFollow: runEvents(begin(), [...live, EVENTS.readFailed]),
  stopped: runEvents(begin(), [...live, EVENTS.readRefused]),
  parted: runEvents(begin(), [...parting, parts]),
  onDevice,
  deviceLost: runEvents(onDevice, [EVENTS.deviceLost]),
  withTabs,
  withOrphans: runEvents(withTabs, [EVENTS.tabGone]),
  adopting: runEvents(withTabs, [EVENTS.led]),
} as const satisfies Record<string, LedgerState>

export type StateName = keyof typeof STATES
