/** Events that come from the device store. */
import type { DeviceEvent } from '../events.ts'
import { endPass } from '../parts/adopting.ts'
import { deviceDamaged, deviceLost } from '../parts/device.ts'
import type { Stored } from '../state.ts'
import { emit, set, type Work } from '../work.ts'
import { openAll } from './opening.ts'
import { adoptEdits, finishAdoption } from './others.ts'

export function deviceStep(work: Work, event: DeviceEvent): void {
  const { device, isWanted } = work.state
  switch (event.type) {
    case 'device-loaded':
      if (device.type === 'loading')
        emit(work, { to: 'document', type: 'apply-kept', kept: event.kept })
      return
    case 'device-stored':
      if (device.type === 'open' && !isSame(device.stored, event.stored))
        set(work, { device: { type: 'open', stored: event.stored } })
      return
    case 'device-lost':
      deviceLost(work, event.cause)
      if (device.type === 'loading' && isWanted) openAll(work)
      return
    case 'device-damaged':
      deviceDamaged(work, event.damage)
      return
    case 'taken-over':
      finishAdoption(work, event.stored)
      if (endPass(work)) adoptEdits(work)
  }
}

const isSame = (one: Stored, other: Stored): boolean =>
  one.all === other.all && one.edits === other.edits
