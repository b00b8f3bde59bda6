/**
 * The code for a document that is kept on the device: a store with everything that it needs (the checks, the log and
 * the recorder), and the continuation of its stream at the offset where an earlier page left off.
 */
import { backlogFirst } from '../../io/backlog-first.ts'
import { checkedPersistence } from '../../persistence/checked-store.ts'
import type { Persistence } from '../../persistence/device-store.ts'
import { DevicePart, type DevicePartOptions } from './device-part.ts'

export interface DeviceOptions extends Omit<DevicePartOptions, 'persistence'> {
  readonly persistence: Persistence
}

export const deviceCode = {
  createDevice: ({ persistence, ...options }: DeviceOptions): DevicePart =>
    new DevicePart({
      ...options,
      persistence: checkedPersistence(persistence, options.clock.uuid),
    }),
  backlogFirst,
}

export type DeviceCode = typeof deviceCode
