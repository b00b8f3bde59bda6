import type { Persistence } from '../../persistence/device-store.ts'
import type { DeviceCode } from './device.ts'

const CODE = Symbol('y-electric: the code of a device store')

type Bringing = Persistence & { readonly [CODE]?: DeviceCode }

/**
 * Lets a store bring along the code that a session needs for it. So that code is in an app's first
 * chunk if the app keeps documents on the device, which appear before anything else is loaded, and
 * in no chunk otherwise.
 */
export const bringing = (persistence: Persistence, code: DeviceCode): Persistence => {
  const both: Bringing = { ...persistence, [CODE]: code }
  return both
}

/** The code that a store brings along; null for a store that the app has written. */
export const broughtBy = (persistence: Bringing): DeviceCode | null => persistence[CODE] ?? null
