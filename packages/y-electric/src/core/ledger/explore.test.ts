// Runs every schedule of a few edits and faults: each message can be lost, delayed, repeated or cut off
// at every moment.
import { describe, expect, test } from 'vitest'
import { isDeep } from '../../../../../test/harness/deep.ts'
import type { LedgerEffect } from './effects.ts'
import { type Exploration, exploreLedger } from './testing/explore.ts'
import type { WorldOptions } from './testing/world.ts'

const ALONE: WorldOptions = { edits: ['a', 'b'], faults: 1, hasTabs: false, hasDevice: false }
const WITH_ROWS: WorldOptions = { ...ALONE, edits: ['a', 'r'] }
const WITH_KEEPER: WorldOptions = { ...ALONE, edits: ['k', 'a'] }
const WITH_TABS: WorldOptions = { ...ALONE, edits: ['t', 'a'], hasTabs: true }
const ON_DEVICE: WorldOptions = { ...ALONE, edits: ['a'], hasDevice: true }
const DEVICE_AND_ROWS: WorldOptions = { ...ON_DEVICE, edits: ['r'] }
const DEVICE_AND_TABS: WorldOptions = { ...ON_DEVICE, edits: ['t'], hasTabs: true }

const found = (options: WorldOptions): Exploration => exploreLedger(options)

describe('no schedule breaks a rule', () => {
  test.each([
    ['a client that edits twice, with a fault', ALONE],
    ['a client and a row from elsewhere, with a fault', WITH_ROWS],
    ['a client whose document another persistence loads, with a fault', WITH_KEEPER],
    ['a client and another tab, which may go, with a fault', WITH_TABS],
    ['a client with a device store, which may crash', ON_DEVICE],
    ['a client with a device store and a row from elsewhere', DEVICE_AND_ROWS],
    ['a client with a device store and another tab', DEVICE_AND_TABS],
  ])('%s', (_, options) => {
    const { violation, states, ends } = found(
      isDeep ? { ...options, faults: options.faults + 1 } : options,
    )
    expect(violation).toBeNull()
    expect(ends).toBeGreaterThan(0)
    expect(states).toBeGreaterThan(100)
  })
})

const without = (isLeftOut: (effect: LedgerEffect) => boolean) => (effect: LedgerEffect) =>
  isLeftOut(effect) ? null : effect
const changeOf = (effect: LedgerEffect) =>
  effect.to === 'device' && effect.type === 'record' ? effect.change : null

describe('a planted fault is found', () => {
  test.each<[string, WorldOptions, (effect: LedgerEffect) => LedgerEffect | null, string]>([
    [
      'a resume point is committed without its rows',
      DEVICE_AND_ROWS,
      without((effect) => changeOf(effect)?.type === 'row'),
      'DEV-1',
    ],
    [
      'a resume point stays although an edit of another tab is shown',
      DEVICE_AND_TABS,
      without((effect) => {
        const change = changeOf(effect)
        return change?.type === 'resume' && change.point === null
      }),
      'DEV-1',
    ],
    [
      'an edit is not recorded as unsent',
      ON_DEVICE,
      (effect) => {
        const change = changeOf(effect)
        if (change?.type !== 'edit') return effect
        const { update } = change.edit
        return { to: 'device', type: 'record', change: { type: 'row', update } }
      },
      'DEV-1',
    ],
    [
      'edits are not sent',
      ALONE,
      without((effect) => effect.to === 'writer' && effect.type === 'flush-soon'),
      'at rest',
    ],
    [
      'a failed write is not tried again',
      ALONE,
      without((effect) => effect.to === 'writer' && effect.type === 'wait'),
      'at rest',
    ],
    [
      'a failed read is not tried again',
      ALONE,
      without((effect) => effect.to === 'reader' && effect.type === 'wait'),
      'at rest',
    ],
    [
      'the content of state is not applied',
      { ...WITH_ROWS, faults: 0 },
      (effect) =>
        effect.type === 'apply-state'
          ? { ...effect, state: { ...effect.state, rows: [] } }
          : effect,
      'at rest',
    ],
  ])('%s', (_, options, tamper, rule) => {
    const { violation } = found({ ...options, tamper })
    expect(violation?.rule).toContain(rule)
  })
})
