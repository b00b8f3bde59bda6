import { MAX_UPDATE_BYTES } from 'y-electric/protocol'

/** The server's limits; each has a default and can be set with the option of the same name. */
export interface Limits {
  /** Largest update that is stored in one row, in bytes. */
  readonly maxUpdateBytes: number
  /** What a client is told to wait when the database or the shape service is away, in seconds. */
  readonly retryAfterSeconds: number
}

export const DEFAULT_LIMITS: Limits = {
  maxUpdateBytes: MAX_UPDATE_BYTES,
  retryAfterSeconds: 1,
}

/** The defaults with the given ones in their place. @throws {RangeError} when one is not a positive number. */
export function withDefaults(limits: Partial<Limits>): Limits {
  const merged = { ...DEFAULT_LIMITS, ...limits }
  for (const [name, value] of Object.entries(merged)) {
    if (!Number.isFinite(value) || value <= 0) {
      throw new RangeError(`${name} must be a positive number, not ${value}`)
    }
  }
  return merged
}
