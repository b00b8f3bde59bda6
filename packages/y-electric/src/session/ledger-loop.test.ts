import { expect, test } from 'vitest'
import { tallyState } from '../core/compaction.ts'
import type { LedgerEffect } from '../core/ledger/effects.ts'
import type { LedgerEvent } from '../core/ledger/events.ts'
import { beginLedger, type LedgerState } from '../core/ledger/state.ts'
import { unackedUpdates } from '../core/outbox.ts'
import { LedgerLoop } from './ledger-loop.ts'

const FRESH = beginLedger({ now: 0, isBlank: true, hasDevice: false, hasTabs: false })
const state = { activeSegment: 0, snapshot: null, rows: [] }
const stateRead: LedgerEvent = {
  type: 'state-read',
  state,
  follow: null,
  seqs: new Set(),
  tally: tallyState(state),
  bad: [],
}

/** A loop whose document agrees with state, and its effects. */
function setup(
  begin: LedgerState,
  onEffect: (effect: LedgerEffect, loop: LedgerLoop) => void = () => {},
) {
  const done: string[] = []
  const loop: LedgerLoop = new LedgerLoop({
    state: begin,
    context: () => ({ now: 0, freshId: () => 'id', maxUpdateBytes: 1_000 }),
    run: (effect) => {
      const error = effect.type === 'report' ? ` ${effect.error.code}` : ''
      done.push(`${effect.to}.${effect.type}${error}`)
      onEffect(effect, loop)
      if (effect.type === 'compare') {
        const comparison = { type: 'missing', update: null } as const
        loop.dispatch({ type: 'compared', state, comparison })
      }
      if (effect.type === 'apply-state') loop.dispatch({ type: 'state-applied', state })
    },
    onSettled: () => done.push('settled'),
  })
  return { loop, done }
}

test('an event that an effect dispatches is handled after the other effects, and the app is notified once', () => {
  const { loop, done } = setup(FRESH, (effect) => {
    if (effect.type === 'apply-state') loop.dispatch({ type: 'edited', update: new Uint8Array() })
  })
  loop.dispatch({ type: 'open' })
  done.length = 0
  loop.dispatch(stateRead)
  expect(done).toEqual([
    'document.compare',
    'document.apply-state',
    'writer.flush-soon',
    'writer.hasten',
    'reader.follow',
    'settled',
  ])
  expect(loop.state.reading.isSynced).toBe(true)
})

test('a join whose comparison throws is tried again after a wait, and the app is notified', () => {
  const { loop, done } = setup(FRESH, (effect) => {
    if (effect.type === 'compare') throw new Error('unreadable')
  })
  loop.dispatch({ type: 'open' })
  done.length = 0
  loop.dispatch(stateRead)
  expect(done).toEqual(['document.compare', 'reader.wait', 'app.report internal', 'settled'])
})

test('an update that could not be applied is read again, because the stream has passed it', () => {
  const { loop, done } = setup(FRESH, (effect) => {
    if (effect.type === 'apply') throw new RangeError('Maximum call stack size exceeded')
  })
  loop.dispatch({ type: 'open' })
  loop.dispatch(stateRead)
  done.length = 0
  const value = { seq: '7', data: '\\x0101010004010174016100' }
  const headers = { operation: 'insert' }
  loop.dispatch({ type: 'message', message: { headers, value }, isBehind: false })
  expect(done).toEqual([
    'document.apply',
    'app.report internal',
    'reader.stop',
    'document.joining',
    'reader.join',
    'settled',
  ])
  expect(loop.state.reading.isSynced).toBe(false)
})

test('an effect that throws does not stop the others', () => {
  const { loop, done } = setup(FRESH, (effect) => {
    if (effect.to === 'presence') throw new Error('no presence')
  })
  loop.dispatch({ type: 'open' })
  expect(done).toContain('reader.join')
  expect(done.at(-2)).toBe('app.report internal')
})

test('a broken rule is reported once and leads to a comparison, after which it holds', () => {
  const live = setup(FRESH)
  for (const event of [{ type: 'open' } as const, stateRead]) live.loop.dispatch(event)
  const { loop, done } = setup({
    ...live.loop.state,
    doubt: { type: 'doubted', since: 0, loaded: null },
  })
  const edit: LedgerEvent = { type: 'edited', update: new Uint8Array() }
  loop.dispatch(edit)
  loop.dispatch(edit)
  expect(done.filter((one) => one === 'app.report internal')).toHaveLength(1)
  expect(loop.state.reading.connection.phase).toBe('joining')
  loop.dispatch(stateRead)
  expect(loop.state.doubt).toEqual({ type: 'none' })
  expect(loop.state.reading.isSynced).toBe(true)
  expect(loop.state.writing.outbox.edits).not.toBeNull()
})

test('an edit that cannot be handled is handled once more before the next event', () => {
  let mayFail = true
  const { loop, done } = setup(FRESH)
  const failing: LedgerEvent = {
    type: 'edited',
    get update(): Uint8Array {
      if (mayFail) throw new Error('out of memory')
      return new Uint8Array()
    },
  }
  loop.dispatch(failing)
  expect(done).toContain('app.report internal')
  expect(unackedUpdates(loop.state.writing.outbox)).toEqual([])
  mayFail = false
  for (const event of [{ type: 'open' } as const, stateRead]) loop.dispatch(event)
  expect(unackedUpdates(loop.state.writing.outbox)).toHaveLength(1)
})

test('an edit that can never be handled is tried twice, and stops no other event', () => {
  let tries = 0
  const { loop, done } = setup(FRESH)
  loop.dispatch({
    type: 'edited',
    get update(): Uint8Array {
      tries += 1
      throw new Error('unreadable')
    },
  })
  for (const event of [{ type: 'open' } as const, stateRead]) loop.dispatch(event)
  expect(tries).toBe(2)
  expect(loop.state.reading.isSynced).toBe(true)
  expect(done.at(-1)).toBe('settled')
})

test('an event that cannot be handled is reported, and the document is compared with state', () => {
  const { loop, done } = setup(FRESH)
  loop.dispatch({ type: 'open' })
  loop.dispatch(stateRead)
  done.length = 0
  // No typed caller can dispatch this.
  loop.dispatch({ type: 'tab-hello', unsent: null } as unknown as LedgerEvent)
  expect(done).toEqual(['settled'])
  loop.dispatch({ type: 'acked' } as unknown as LedgerEvent)
  expect(done).toContain('app.report internal')
  expect(done).toContain('reader.join')
})
