import type { Context } from 'hono'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'

/** The limits of reading request bodies. */
export type BodyLimits = Pick<
  Limits,
  'maxBodiesBytes' | 'bodyTimeoutMs' | 'bodyStallMs' | 'minBodyBytesPerSecond' | 'retryAfterSeconds'
>

/** The share of one request in the budget. */
export interface BodyAccount {
  readonly limits: BodyLimits
  /** The bytes that have arrived. */
  readonly takenBytes: number
  /**
   * Counts bytes that have arrived; they stay counted until the request is answered.
   * @throws {RequestError} server_busy, storage_full
   */
  take(bytes: number): void
}

/** Bodies up to this many bytes may use the whole budget; larger ones leave room for them. */
const SMALL_BODY_BYTES = 1024 * 1024

/** The share of the budget that large bodies may use together. */
const LARGE_SHARE = 0.75

/**
 * Limits the memory that the bodies of all requests hold together. Only bytes that have arrived count,
 * so a request that announces a large body and sends nothing takes no budget. A few slow uploads of large
 * bodies leave a quarter of the budget to small bodies, which are nearly all requests.
 */
export class BodyBudget {
  readonly #limits: BodyLimits
  readonly #requireRoom: (bytes: number) => void
  #held = 0

  /** @param requireRoom throws if the disk has no room for bodies of this many bytes */
  constructor(limits: BodyLimits, requireRoom: (bytes: number) => void = () => {}) {
    this.#limits = limits
    this.#requireRoom = requireRoom
  }

  /** The bytes that the bodies hold now. */
  get heldBytes(): number {
    return this.#held
  }

  /** Runs a request. The memory of its body counts until the request is answered. */
  async during<T>(c: Context, handle: () => T | Promise<T>): Promise<T> {
    let taken = 0
    const take = (bytes: number): void => {
      const isSmall = taken + bytes <= SMALL_BODY_BYTES
      this.#require(bytes, { isSmall, isAlone: this.#held === taken })
      if (!isSmall) this.#requireRoom(this.#held + bytes)
      taken += bytes
      this.#held += bytes
    }
    accounts.set(c, {
      limits: this.#limits,
      take,
      get takenBytes() {
        return taken
      },
    })
    try {
      return await handle()
    } finally {
      accounts.delete(c)
      this.#held -= taken
    }
  }

  /** If a body is the only one, only its own limit applies. */
  #require(bytes: number, { isSmall, isAlone }: { isSmall: boolean; isAlone: boolean }): void {
    const { maxBodiesBytes, retryAfterSeconds } = this.#limits
    if (isAlone || this.#held + bytes <= maxBodiesBytes * (isSmall ? 1 : LARGE_SHARE)) return
    throw new RequestError(
      'server_busy',
      'the server receives too many large requests at this moment: send the request again later',
      { retryAfterSeconds },
    )
  }
}

const accounts = new WeakMap<Context, BodyAccount>()

/** The account of a running request. */
export function accountOf(c: Context): BodyAccount {
  const account = accounts.get(c)
  if (account === undefined) throw new Error('a body is read outside of BodyBudget.during')
  return account
}
