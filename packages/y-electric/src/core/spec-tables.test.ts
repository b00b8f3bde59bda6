// The tables of SPEC.md about the state machines have exactly the states of the code, and the events that leave each.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ConnectionEvent, type ConnectionState, connectionStep } from './connection.ts'
import { STATES } from './ledger/testing/states.ts'
import {
  type Batch,
  EMPTY_OUTBOX,
  type OutboxEvent,
  type OutboxState,
  outboxStep,
} from './outbox.ts'

const here = import.meta.dirname
const page = readFileSync(path.resolve(here, '../../../../SPEC.md'), 'utf8')

/** The names in the cells of each row of the first table below a heading. */
function tableOf(text: string, heading: string): string[][][] {
  const [, section = ''] = text.split(`### ${heading}`)
  const lines = section.split('\n').filter((line) => /^\|/.test(line))
  const end = lines.findIndex((line, i) => i > 1 && /^\| ?-/.test(line))
  return lines
    .slice(2, end < 0 ? undefined : end - 1)
    .map((line) => line.split('|').slice(1, -1).map(namesIn))
}

const namesIn = (cell: string): string[] =>
  [...cell.matchAll(/`([\w.-]+)`/g)].map(([, name = '']) => name)

/** The unions of a source file by name: the `type` of each member. */
function unionsOf(source: string): Map<string, string[]> {
  const types = [...source.matchAll(/^export type (\w+) =\s([\s\S]*?)(?:\n\n|$(?![\s\S]))/gm)]
  return new Map(
    types.flatMap(([, name = '', body = '']): [string, string[]][] => {
      const members = [...body.matchAll(/readonly type: '([\w-]+)'/g)].map(([, type = '']) => type)
      return members.length === 0 ? [] : [[name, members]]
    }),
  )
}

/** The first cell of a row of the ledger's table, and its union in `ledger/state.ts`. */
const PARTS: Readonly<Record<string, string>> = {
  'writing.posting': 'Posting',
  'writing.hold': 'Hold',
  'reading.join': 'Join',
  'reading.asking': 'Asking',
  document: 'DocumentState',
  doubt: 'Doubt',
  resume: 'Resume',
  tabs: 'TabsState',
  'adoption.pass': 'AdoptionPass',
  device: 'DeviceState',
}

describe('the table of the ledger', () => {
  const unions = unionsOf(readFileSync(path.join(here, 'ledger/state.ts'), 'utf8'))
  const rows = tableOf(page, 'The ledger')

  test('has every part of the state that has states of its own', () => {
    expect([...unions.keys()].sort()).toEqual(Object.values(PARTS).sort())
    const listed = rows.map(([part]) => part?.[0])
    expect(listed).toEqual(expect.arrayContaining(Object.keys(PARTS)))
  })

  test.each(Object.entries(PARTS))('has exactly the states of %s', (part, union) => {
    const row = rows.find(([name]) => name?.[0] === part)
    expect(row?.[1]).toEqual(unions.get(union))
  })

  test.each(Object.entries(PARTS))(
    'has only states of %s in which the transitions of the ledger begin',
    (part, union) => {
      const begun = new Set(Object.values(STATES).map((state) => kindOf(state, part)))
      expect([...begun].sort()).toEqual(unions.get(union)?.toSorted())
    },
  )
})

/** The kind of a part of the state, such as `writing.posting`. */
function kindOf(state: object, part: string): unknown {
  const found = part
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], state)
  return (found as { readonly type: unknown }).type
}

const BATCH: Required<Batch> = { batchId: 'a', update: new Uint8Array(), madeAt: 0 }

/** The outbox in each phase, without a batch where that is possible, and with one. */
const OUTBOXES: Readonly<Record<OutboxState['phase'], readonly OutboxState[]>> = {
  closed: [EMPTY_OUTBOX, { ...EMPTY_OUTBOX, batches: [BATCH] }],
  idle: [
    { ...EMPTY_OUTBOX, phase: 'idle' },
    { ...EMPTY_OUTBOX, phase: 'idle', batches: [BATCH] },
  ],
  sending: [{ ...EMPTY_OUTBOX, phase: 'sending', batches: [BATCH] }],
  waiting: [{ ...EMPTY_OUTBOX, phase: 'waiting', batches: [BATCH] }],
  blocked: [{ ...EMPTY_OUTBOX, phase: 'blocked', batches: [BATCH] }],
}

const OUTBOX_EVENTS: { readonly [Type in OutboxEvent['type']]: OutboxEvent & { type: Type } } = {
  edited: { type: 'edited', update: new Uint8Array(), freshId: 'b', at: 0 },
  restored: { type: 'restored', batches: [], at: 0 },
  replaced: { type: 'replaced', batches: [], at: 0 },
  open: { type: 'open' },
  close: { type: 'close' },
  flush: { type: 'flush' },
  retry: { type: 'retry' },
  acked: { type: 'acked', batchId: 'a' },
  failed: { type: 'failed', batchId: 'a' },
  refused: { type: 'refused', batchId: 'a' },
}

const POINT = { segment: 1, position: null }

const CONNECTIONS: Readonly<Record<ConnectionState['phase'], ConnectionState>> = {
  closed: { phase: 'closed' },
  joining: { phase: 'joining', failures: 0 },
  following: { phase: 'following', segment: 1, live: true, resumed: false, failures: 0 },
  waiting: { phase: 'waiting', failures: 1, resumeFrom: null },
  stopped: { phase: 'stopped' },
}

const CONNECTION_EVENTS: {
  readonly [Type in ConnectionEvent['type']]: ConnectionEvent & { type: Type }
} = {
  open: { type: 'open' },
  close: { type: 'close' },
  joined: { type: 'joined', from: POINT },
  'caught-up': { type: 'caught-up' },
  'live-answered': { type: 'live-answered' },
  sealed: { type: 'sealed' },
  silent: { type: 'silent' },
  rejoin: { type: 'rejoin', isRepeated: false },
  failed: { type: 'failed', position: null },
  refused: { type: 'refused' },
  retry: { type: 'retry' },
}

/** A segment that is followed is left for the next one, and `live` ends. */
const isLive = (state: ConnectionState): boolean => state.phase === 'following' && state.live

const leavesConnection = (state: ConnectionState, event: ConnectionEvent): boolean => {
  const step = connectionStep(state, event)
  return (
    step.command !== null ||
    step.state.phase !== state.phase ||
    (isLive(state) && !isLive(step.state))
  )
}

const leavesOutbox = (state: OutboxState, event: OutboxEvent): boolean =>
  outboxStep(state, event, () => []).state.phase !== state.phase

test('the transitions of the ledger begin in every phase of the outbox and of the connection', () => {
  const states = Object.values(STATES)
  const outboxes = new Set(states.map(({ writing }) => writing.outbox.phase))
  expect([...outboxes].sort()).toEqual(Object.keys(OUTBOXES).sort())
  const connections = new Set(states.map(({ reading }) => reading.connection.phase))
  expect([...connections].sort()).toEqual(Object.keys(CONNECTIONS).sort())
})

describe.each([
  {
    heading: 'The outbox',
    states: Object.keys(OUTBOXES),
    leaving: (state: string) =>
      Object.values(OUTBOX_EVENTS).filter((event) =>
        OUTBOXES[state as OutboxState['phase']].some((one) => leavesOutbox(one, event)),
      ),
  },
  {
    heading: 'The connection',
    states: Object.keys(CONNECTIONS),
    leaving: (state: string) =>
      Object.values(CONNECTION_EVENTS).filter((event) =>
        leavesConnection(CONNECTIONS[state as ConnectionState['phase']], event),
      ),
  },
])('the table of $heading', ({ heading, states, leaving }) => {
  const rows = tableOf(page, heading)

  test('has exactly the states of the machine', () => {
    expect(rows.map(([state]) => state?.[0])).toEqual(states)
  })

  test.each(states)('names the events that leave %s', (state) => {
    const row = rows.find(([name]) => name?.[0] === state)
    const named = (row?.[2] ?? []).filter((name) => !name.endsWith('()'))
    expect([...named].sort()).toEqual(
      leaving(state)
        .map(({ type }) => type)
        .sort(),
    )
  })
})

test('the check reads the names in the first table below a heading', () => {
  const text =
    '### A\n\nText.\n\n| x | y |\n| --- | --- |\n| `one` | `two`, three |\n\n### B\n\n| `no` |\n'
  expect(tableOf(text.split('### B')[0] ?? '', 'A')).toEqual([[['one'], ['two']]])
})
