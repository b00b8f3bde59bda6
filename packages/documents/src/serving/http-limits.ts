import { readFileSync } from 'node:fs'
import { DEFAULT_LIMITS, type Limits } from '@y-electric/server'
import { mayBeZero } from '@y-electric/server/extension'
import { readWhole } from '../config.ts'

/** Limits of the connections of `y-electric serve`; each has a default and an environment variable. */
export interface HttpLimits {
  /** Connections that are open at once. The limit on open files of the process may lower it. */
  readonly maxConnections: number
  /**
   * Connections that one address may have open at once. Behind a proxy all connections have the address
   * of the proxy, so the default is generous.
   */
  readonly maxConnectionsPerAddress: number
  /** The addresses of an IPv6 network with a prefix of this length count as one address. */
  readonly ipv6PrefixBits: number
  /**
   * Requests that wait on one connection behind the one before; a connection with more is closed. Browsers, and most
   * other clients, send the next request after the answer.
   */
  readonly maxPipelinedRequests: number
  /** How long the headers of a request may take, since the connection opened, in milliseconds. */
  readonly headersTimeoutMs: number
  /** How large the headers of a request may be, in bytes. */
  readonly maxHeaderBytes: number
  /** How long a connection without a request stays open after an answer, in milliseconds. */
  readonly idleTimeoutMs: number
  /** The interval, in milliseconds, over which the reading speed of the reader of an answer is measured. */
  readonly readStallMs: number
  /**
   * The lowest speed at which the reader of an answer must read in each interval, in bytes per second, while bytes
   * wait for it.
   */
  readonly minReadBytesPerSecond: number
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  maxConnections: 10_000,
  maxConnectionsPerAddress: 5_000,
  ipv6PrefixBits: DEFAULT_LIMITS.ipv6PrefixBits,
  maxPipelinedRequests: 10,
  headersTimeoutMs: 10_000,
  maxHeaderBytes: 16 * 1024,
  idleTimeoutMs: 5_000,
  readStallMs: 30_000,
  minReadBytesPerSecond: 1_024,
}

/** The limits of the API that an operator sets by an environment variable. */
const API_LIMITS = [
  'ipv6PrefixBits',
  'maxBodiesBytes',
  'maxAnswersBytes',
  'answerStallMs',
  'bodyTimeoutMs',
  'bodyStallMs',
  'minBodyBytesPerSecond',
  'maxExportBytes',
  'maxAbandonedRestMs',
] as const satisfies readonly (keyof Limits)[]

type ApiLimits = Pick<Limits, (typeof API_LIMITS)[number]>

function pickApiLimits(limits: ApiLimits): ApiLimits {
  const entries = API_LIMITS.map((name) => [name, limits[name]])
  return Object.fromEntries(entries)
}

/** All limits that `y-electric serve` reads from the environment. */
export interface ServeLimits {
  readonly http: HttpLimits
  readonly api: ApiLimits
}

/** The environment variable of a limit: `maxConnections` is `MAX_CONNECTIONS`. */
export const variableOf = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

const MEANINGS: Record<keyof HttpLimits | keyof ApiLimits, string> = {
  maxConnections: 'connections at once; fewer if the process may have few open files',
  maxConnectionsPerAddress: 'connections at once of one address',
  ipv6PrefixBits: 'IPv6 addresses with these first bits in common count as one address',
  maxPipelinedRequests: 'requests that wait on one connection behind the one before',
  headersTimeoutMs: 'how long the headers of a request may take',
  maxHeaderBytes: 'how large the headers of a request may be',
  idleTimeoutMs: 'how long a connection stays open without a request',
  readStallMs: 'the interval in which the reader of an answer must read something',
  minReadBytesPerSecond: 'at least this many bytes per second, while bytes wait for it',
  maxBodiesBytes: 'memory for the bodies of all requests together',
  maxAnswersBytes: 'memory for the large answers of all requests together',
  answerStallMs: 'how long the reader of such an answer may read nothing',
  bodyTimeoutMs: 'how long a whole body may take',
  bodyStallMs: 'the interval in which a body must make progress',
  minBodyBytesPerSecond: 'at least this many bytes per second',
  maxExportBytes: 'how large a document may be in the requested format',
  maxAbandonedRestMs:
    'after leaving running work, a user waits at most this long before the next; 0: no wait',
}

/** A limit as an environment variable. */
export interface LimitVariable {
  readonly name: string
  readonly fallback: number
  readonly meaning: string
}

/** Every variable. */
export const LIMIT_VARIABLES: readonly LimitVariable[] = Object.entries({
  ...DEFAULT_HTTP_LIMITS,
  ...pickApiLimits(DEFAULT_LIMITS),
}).map(([name, fallback]) => ({
  name: variableOf(name),
  fallback,
  meaning: MEANINGS[name as keyof typeof MEANINGS],
}))

/** Reads the limits. @throws {ConfigError} naming the variable that is wrong */
export function readServeLimits(env: NodeJS.ProcessEnv): ServeLimits {
  const read = (name: string, fallback: number) =>
    readWhole(env, variableOf(name), fallback, mayBeZero(name) ? 0 : 1)
  const http = Object.entries(DEFAULT_HTTP_LIMITS).map(([name, value]) => [name, read(name, value)])
  const api = API_LIMITS.map((name) => [name, read(name, DEFAULT_LIMITS[name])])
  return { http: Object.fromEntries(http), api: Object.fromEntries(api) }
}

/** File descriptors that are reserved for the database, workers and files. */
const RESERVED_DESCRIPTORS = 256

/**
 * The number of connections for which this process has file descriptors, or the given number if it is smaller. If
 * the process has fewer than twice the reserve, half of its descriptors are reserved.
 */
export function affordableConnections(wanted: number, openFiles = openFilesLimit()): number {
  const reserved = Math.min(RESERVED_DESCRIPTORS, Math.ceil(openFiles / 2))
  return Math.max(1, Math.min(wanted, openFiles - reserved))
}

/** The number of files that this process may have open; infinite if the system does not report it. */
function openFilesLimit(): number {
  try {
    const [, soft] =
      /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
