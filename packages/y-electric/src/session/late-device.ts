import type { DeviceEffect } from '../core/ledger/effects.ts'
import type { DeviceEvent, Dispatch } from '../core/ledger/events.ts'
import type { Clock } from '../io/clock.ts'
import type { DevicePart } from './device/device-part.ts'
import type { LazyPart } from './lazy-part.ts'

/** The device store of a session. */
export type Device = Pick<DevicePart, 'run' | 'load' | 'close'>

/** How long the code may take to load, in milliseconds: until then nothing is sent or read. */
const LOAD_DEADLINE_MS = 5_000

export interface LateDeviceOptions {
  readonly part: LazyPart<DevicePart>
  readonly clock: Clock
  readonly dispatch: Dispatch<DeviceEvent>
}

/**
 * A device store whose code is loaded first, because the app has written the store itself. Changes
 * until then are recorded afterwards. If the code does not come in time, the session continues in
 * memory, and what is stored remains for the next page.
 */
export class LateDevice implements Device {
  readonly #options: LateDeviceOptions
  readonly #ready: Promise<DevicePart | null>

  constructor(options: LateDeviceOptions) {
    this.#options = options
    const { part, clock, dispatch } = options
    this.#ready = new Promise((resolve) => {
      const cancel = clock.after(LOAD_DEADLINE_MS, () => {
        part.cancel()
        resolve(null)
        dispatch({ type: 'device-lost', cause: new Error('its code was not loaded in time') })
      })
      part.do((device) => {
        cancel()
        resolve(device)
      })
    })
  }

  run(effect: DeviceEffect): void {
    this.#options.part.do((device) => device.run(effect))
  }

  async load(): Promise<void> {
    this.#options.part.do((device) => void device.load())
  }

  async close(): Promise<void> {
    await (await this.#ready)?.close()
  }
}
