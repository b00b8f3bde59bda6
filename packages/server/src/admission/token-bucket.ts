import type pg from 'pg'
import { type BucketRate, deleteFullBuckets, takeTokens } from '../store/index.ts'
import type { LimitHook, LimitSubject } from './hook.ts'
import { networkOf } from './network.ts'
import { RecentMap } from './recent-map.ts'

/** Options of a token bucket. */
export interface TokenBucketOptions {
  /** Tokens that a bucket gains per second: the sustained rate. */
  readonly perSecond: number
  /** The most tokens that a bucket holds: the largest burst. Default: 10 × `perSecond`. */
  readonly burst?: number | undefined
  /**
   * The key of the bucket that pays for a request; null: the request is free. Default: one bucket for each
   * user and, for requests whose user is not known, one for each address.
   */
  readonly key?: ((about: LimitSubject, request: Request) => string | null) | undefined
  /**
   * The addresses of an IPv6 network with a prefix of this length share a bucket, since one person has all of
   * them. Default: 64. Not used with a `key` of your own.
   */
  readonly ipv6PrefixBits?: number | undefined
  /** How many tokens a request takes, at most `burst`. Default: 1. */
  readonly cost?: ((about: LimitSubject, request: Request) => number) | undefined
  /** A text for people. */
  readonly message?: string | undefined
}

/** Options of a bucket in the memory of one process. */
export interface MemoryBucketOptions extends TokenBucketOptions {
  /** The most buckets that are kept; a bucket that is dropped is full again. Default: 100,000. */
  readonly maxKeys?: number | undefined
  /** The time in milliseconds. Default: `performance.now`. */
  readonly now?: (() => number) | undefined
}

/** The tokens of a bucket at a moment, in milliseconds. */
interface Bucket {
  readonly tokens: number
  readonly at: number
}

/** The most buckets of one process. */
const MAX_KEYS = 100_000

/** How often a server deletes shared buckets that are full, in milliseconds. */
const SWEEP_MS = 60_000

/**
 * One bucket for each user; for requests without a user, one for each address (an IPv6 address counts as its
 * network), or one for all if the address is not known.
 */
export const userOrAddress = (
  { user, address }: Pick<LimitSubject, 'user' | 'address'>,
  ipv6PrefixBits?: number,
): string =>
  user === null ? `address ${networkOf(address ?? '', ipv6PrefixBits)}` : `user ${user}`

/** Takes tokens if there are enough. Pure: time is an argument. */
export function take(
  before: Bucket | undefined,
  cost: number,
  now: number,
  { perSecond, burst }: BucketRate,
): { readonly bucket: Bucket; readonly waitSeconds: number } {
  const passed = before === undefined ? 0 : Math.max(0, now - before.at) / 1_000
  const has = before === undefined ? burst : Math.min(burst, before.tokens + passed * perSecond)
  if (has >= cost) return { bucket: { tokens: has - cost, at: now }, waitSeconds: 0 }
  return { bucket: { tokens: has, at: now }, waitSeconds: (cost - has) / perSecond }
}

/**
 * A limit on requests, or on their cost, for one server process: its buckets are in memory. With several
 * servers, each has its own buckets: use `postgresTokenBucket` to limit them together.
 */
export function tokenBucket(options: MemoryBucketOptions): LimitHook {
  const { maxKeys = MAX_KEYS, now = () => performance.now() } = options
  const buckets = new RecentMap<Bucket>(maxKeys)
  const rate = rateOf(options)
  return limitBy(options, rate, (key, cost) => {
    const { bucket, waitSeconds } = take(buckets.get(key), cost, now(), rate)
    buckets.set(key, bucket)
    return waitSeconds
  })
}

/**
 * The same limit for all servers of one database together: the buckets are in an unlogged table, with one
 * statement per request.
 * @param name separates limits with different rates: each name has its own buckets
 */
export function postgresTokenBucket(
  pool: pg.Pool,
  name: string,
  options: TokenBucketOptions,
): LimitHook {
  const rate = rateOf(options)
  let sweptAt = performance.now()
  return limitBy(options, rate, (key, cost) => {
    if (performance.now() - sweptAt >= SWEEP_MS) {
      sweptAt = performance.now()
      // Rows that are left over do no harm, and the next sweep deletes them.
      deleteFullBuckets(pool).catch(() => {})
    }
    return takeTokens(pool, `${name} ${key}`, cost, rate)
  })
}

type Take = (key: string, cost: number) => number | Promise<number>

function limitBy(
  { key, ipv6PrefixBits, cost = () => 1, message }: TokenBucketOptions,
  { burst }: BucketRate,
  takeFrom: Take,
): LimitHook {
  return async (request, about) => {
    const bucket = key === undefined ? userOrAddress(about, ipv6PrefixBits) : key(about, request)
    if (bucket === null) return null
    const tokens = Math.min(burst, cost(about, request))
    if (!(tokens >= 0)) throw new TypeError(`the cost of a request must be a number, not ${tokens}`)
    const waitSeconds = await takeFrom(bucket, tokens)
    if (waitSeconds <= 0) return null
    return { code: 'too_many_requests', retryAfter: waitSeconds, message }
  }
}

/** @throws {RangeError} when a rate is not a positive number */
function rateOf({ perSecond, burst = 10 * perSecond }: TokenBucketOptions): BucketRate {
  for (const [name, value] of Object.entries({ perSecond, burst })) {
    if (Number.isFinite(value) && value > 0) continue
    throw new RangeError(`${name} must be a positive number, not ${value}`)
  }
  return { perSecond, burst }
}
