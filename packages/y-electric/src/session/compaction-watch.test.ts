import { expect, test } from 'vitest'
import { DEFAULT_COMPACTION, EMPTY_TALLY } from '../core/compaction.ts'
import type { Clock } from '../io/clock.ts'
import type { Compactor } from '../io/compactor.ts'
import { CompactionWatch } from './compaction-watch.ts'

function setup() {
  let timer: (() => void) | null = null
  let [loads, cancels, isDue, mayWrite] = [0, 0, false, true]
  let arrive: (compactor: Compactor) => void = () => {}
  const calls: string[] = []
  const compactor = {
    start: () => calls.push('start'),
    stand: () => calls.push('stand'),
    stop: () => calls.push('stop'),
    forgetRefusal: () => calls.push('forgetRefusal'),
  } as unknown as Compactor
  const clock: Clock = {
    now: () => 0,
    random: () => 0,
    uuid: () => 'id',
    after(_ms, task) {
      timer = task
      return () => {
        if (timer === task) timer = null
      }
    },
  }
  const watch = new CompactionWatch({
    clock,
    policy: DEFAULT_COMPACTION,
    tally: () => ({ ...EMPTY_TALLY, rows: isDue ? DEFAULT_COMPACTION.minRows : 0 }),
    mayWrite: () => mayWrite,
    load(use) {
      loads += 1
      arrive = use
      return () => {
        cancels += 1
      }
    },
  })
  return {
    watch,
    calls,
    interval: () => timer?.(),
    isWaiting: () => timer !== null,
    arrive: () => arrive(compactor),
    loads: () => loads,
    cancels: () => cancels,
    set(facts: { isDue?: boolean; mayWrite?: boolean }) {
      isDue = facts.isDue ?? isDue
      mayWrite = facts.mayWrite ?? mayWrite
    },
  }
}

test('the compactor is loaded only in an interval in which compaction is due, and takes part in it', () => {
  const { watch, interval, arrive, set, calls, loads } = setup()
  watch.start()
  interval()
  expect(loads()).toBe(0)
  set({ isDue: true })
  interval()
  expect(loads()).toBe(1)
  arrive()
  expect(calls).toEqual(['stand'])
  watch.stop()
  watch.start()
  expect([calls, loads()]).toEqual([['stand', 'stop', 'stop', 'start'], 1])
})

test('a read-only client does not load the compactor', () => {
  const { watch, interval, set, loads } = setup()
  set({ isDue: true, mayWrite: false })
  watch.start()
  interval()
  expect(loads()).toBe(0)
})

test('a stop ends the wait for an interval, and for the code', () => {
  const { watch, interval, set, isWaiting, cancels } = setup()
  watch.start()
  watch.stop()
  expect(isWaiting()).toBe(false)
  set({ isDue: true })
  watch.start()
  interval()
  watch.stop()
  expect(cancels()).toBe(1)
})
