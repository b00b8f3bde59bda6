import { expect, test } from 'vitest'
import type { DeviceEvent } from '../core/ledger/events.ts'
import type { Clock } from '../io/clock.ts'
import type { DevicePart } from './device/device-part.ts'
import { LateDevice } from './late-device.ts'
import { LazyPart } from './lazy-part.ts'

function setup() {
  let timer: (() => void) | null = null
  let arrive: (device: DevicePart) => void = () => {}
  let isCancelled = false
  const clock: Clock = {
    now: () => 0,
    random: () => 0,
    uuid: () => 'id',
    after(_ms, task) {
      timer = task
      return () => {
        timer = null
      }
    },
  }
  const events: DeviceEvent[] = []
  const calls: string[] = []
  const device = {
    run: ({ type }: { type: string }) => calls.push(type),
    load: async () => void calls.push('load'),
    close: async () => void calls.push('close'),
  } as unknown as DevicePart
  const part = new LazyPart<DevicePart>((use) => {
    arrive = use
    return () => {
      isCancelled = true
    }
  })
  const late = new LateDevice({ part, clock, dispatch: (event) => events.push(event) })
  return {
    late,
    calls,
    events,
    arrive: () => arrive(device),
    deadline: () => timer?.(),
    isCancelled: () => isCancelled,
  }
}

test('changes from before the code of the store was loaded are recorded in their order', async () => {
  const { late, arrive, calls, events, deadline } = setup()
  void late.load()
  late.run({ to: 'device', type: 'record', change: { type: 'whole' } })
  late.run({ to: 'device', type: 'take-over' })
  const closed = late.close()
  arrive()
  await closed
  expect(calls).toEqual(['load', 'record', 'take-over', 'close'])
  deadline()
  expect(events).toEqual([])
})

test('a session continues in memory if the code of the store is not loaded in time', async () => {
  const { late, deadline, events, isCancelled } = setup()
  void late.load()
  deadline()
  expect(events).toEqual([{ type: 'device-lost', cause: expect.any(Error) }])
  expect(isCancelled()).toBe(true)
  await late.close()
})
