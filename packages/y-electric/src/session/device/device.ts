/** A device store with everything that it needs: the checks, the log and the recorder. */
import { checkedPersistence } from '../../persistence/checked-store.ts'
import type { Persistence } from '../../persistence/device-store.ts'
import { DevicePart, type DevicePartOptions } from './device-part.ts'

export interface DeviceOptions extends Omit<DevicePartOptions, 'persistence'> {
  readonly persistence: Persistence
}

export type CreateDevice = (options: DeviceOptions) => DevicePart

export const createDevice: CreateDevice = ({ persistence, ...options }) =>
  new DevicePart({
    ...options,
    persistence: checkedPersistence(persistence, options.clock.uuid),
  })
