/** A device store with everything that it needs: the checks, the log and the recorder. */
import { checkedPersistence } from '../../persistence/checked-store.ts'
import type { Persistence } from '../../persistence/local-store.ts'
import { DeviceStore, type DeviceStoreOptions } from './device-store.ts'

export interface DeviceOptions extends Omit<DeviceStoreOptions, 'persistence'> {
  readonly persistence: Persistence
}

export type CreateDevice = (options: DeviceOptions) => DeviceStore

export const createDevice: CreateDevice = ({ persistence, ...options }) =>
  new DeviceStore({
    ...options,
    persistence: checkedPersistence(persistence, options.clock.uuid),
  })
