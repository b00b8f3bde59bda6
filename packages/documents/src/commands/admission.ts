import {
  DEFAULT_LIMITS,
  type LimitHook,
  type LimitSubject,
  type Limits,
  postgresTokenBucket,
  tokenBucket,
} from '@y-electric/server'
import { userOrAddress } from '@y-electric/server/extension'
import type pg from 'pg'
import { ConfigError, readSwitch } from '../config.ts'

/** The limits of `createApp` that the environment can set, each under its name in capitals. */
const FROM_ENVIRONMENT = [
  'maxDocumentBytes',
  'maxDocumentRows',
  'maxDocumentVersions',
  'maxDocumentPresenceRows',
  'maxDocumentStreams',
  'maxDocumentFileBytes',
  'maxFileBytes',
  'maxUserDocuments',
  'maxUserBytes',
  'maxUserRows',
  'maxUserVersions',
  'maxUserPresenceRows',
  'maxUserStreams',
  'maxTotalDocuments',
  'maxTotalBytes',
  'maxTotalRows',
  'maxTotalVersions',
  'maxTotalPresenceRows',
  'maxTotalStreams',
  'reauthorizeMs',
] as const satisfies readonly (keyof Limits)[]

/** The default of `RATE_LIMIT`: requests per second of one user; ten times as many at once. */
export const DEFAULT_RATE_LIMIT = 500

/** The limits from the environment. */
export interface Admission {
  readonly limits: Partial<Limits>
  /** Requests per second of one user; 0: no limit. */
  readonly rateLimit: number
  /** One limit for all servers of the database together. */
  readonly isShared: boolean
  /** The secret for `POST /revoke`; undefined: the route is off. */
  readonly revokeSecret: string | undefined
}

/** The name of a setting: `maxUserBytes` is `MAX_USER_BYTES`. */
const settingOf = (name: string): string => name.replace(/[A-Z]/g, '_$&').toUpperCase()

/**
 * Reads `RATE_LIMIT`, `RATE_LIMIT_SHARED`, `REVOKE_SECRET`, and the limits by their names in capitals.
 * @throws {ConfigError} naming the wrong setting
 */
export function readAdmission(env: NodeJS.ProcessEnv): Admission {
  const limits = FROM_ENVIRONMENT.flatMap((name) => {
    const value = readNumber(env, settingOf(name))
    if (value === 0) throw new ConfigError(`${settingOf(name)} must be more than 0`)
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    limits: Object.fromEntries(limits),
    rateLimit: readNumber(env, 'RATE_LIMIT') ?? DEFAULT_RATE_LIMIT,
    isShared: readSwitch(env, 'RATE_LIMIT_SHARED') ?? false,
    revokeSecret: env.REVOKE_SECRET || undefined,
  }
}

function readNumber(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = env[name]
  if (text === undefined || text === '') return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new ConfigError(`${name} must be a whole number, not "${text}"`)
}

/** The limit hooks for these settings. */
export function rateLimitOf(
  { rateLimit, isShared }: Pick<Admission, 'rateLimit' | 'isShared'>,
  ipv6PrefixBits: number,
  pool: pg.Pool,
): LimitHook[] {
  if (rateLimit === 0) return []
  // Requests without a user from a loopback address have no limit: they come from the developer of
  // this machine, or from a proxy that forwards the requests of everybody.
  const key = (about: LimitSubject): string | null =>
    about.user === null && LOOPBACK.test(about.address ?? '')
      ? null
      : userOrAddress(about, ipv6PrefixBits)
  const options = { perSecond: rateLimit, key }
  return [isShared ? postgresTokenBucket(pool, 'serve', options) : tokenBucket(options)]
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/

const amount = (name: (typeof FROM_ENVIRONMENT)[number]): string =>
  `${settingOf(name)}=${DEFAULT_LIMITS[name]}`

/** Descriptions of the settings. */
export const ADMISSION_SETTINGS: readonly (readonly [string, string])[] = [
  [
    `RATE_LIMIT=${DEFAULT_RATE_LIMIT}`,
    'requests per second of one user, ten times as many at once; 0: no limit',
  ],
  ['RATE_LIMIT_SHARED=1', 'one limit for all servers of the database together'],
  ['REVOKE_SECRET', 'clients that send it may call POST /revoke; without it nobody may'],
  [
    amount('reauthorizeMs'),
    'open streams end within this time after their right is revoked, in milliseconds',
  ],
  [
    amount('maxDocumentBytes'),
    'the most of one document; likewise …_ROWS, …_VERSIONS, …_PRESENCE_ROWS, …_STREAMS',
  ],
  [amount('maxFileBytes'), 'the most of one picture'],
  [amount('maxDocumentFileBytes'), 'the most of all pictures of one document'],
  [amount('maxUserBytes'), 'the most of one user; likewise the others, and …_DOCUMENTS'],
  [amount('maxTotalBytes'), 'the most in total; likewise the others'],
]
