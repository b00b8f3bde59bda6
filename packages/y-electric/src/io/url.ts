import { ELECTRIC_PROTOCOL_QUERY_PARAMS } from '@electric-sql/client'
import { ElectricProviderError } from '../errors.ts'
import { HISTORY_PARAM, SNAPSHOT_PARAM } from '../protocol/headers.ts'

/** The address of the server's API. */
export interface ApiUrl {
  /**
   * The mount point as an absolute URL without a slash at the end of its path, and with its query. Tabs
   * and the device store identify a document by this URL and its id.
   */
  readonly href: string
  /** The URL of a path of the protocol, which may have a query: below the mount point, with both queries. */
  at(path: string): string
  /**
   * The path and query of a URL that `at` returned, without the app's own query; null for any
   * other.
   */
  pathOf(url: string): string | null
}

/** Query parameters that requests of the protocol set themselves. */
const RESERVED: ReadonlySet<string> = new Set([
  ...ELECTRIC_PROTOCOL_QUERY_PARAMS,
  SNAPSHOT_PARAM,
  HISTORY_PARAM,
])

/**
 * Reads the app's `url`: absolute, or relative to the page (`/api`, `/api?tenant=1`).
 * @throws {ElectricProviderError} `invalid_request`, saying what is wrong with it
 */
export function parseApiUrl(text: string): ApiUrl {
  const url = parse(text)
  const problem = problemOf(url)
  if (problem !== null) throw invalid(text, problem)
  // Not `origin`, which is null for the schemes of desktop apps.
  const mount = `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`
  return {
    href: mount + url.search,
    at: (path) => mount + path + (path.includes('?') ? url.search.replace('?', '&') : url.search),
    pathOf: (text) => pathBelow(mount, url.searchParams, text),
  }
}

function pathBelow(mount: string, own: URLSearchParams, text: string): string | null {
  if (!text.startsWith(`${mount}/`)) return null
  const url = new URL(text.slice(mount.length), 'http://host')
  for (const name of own.keys()) url.searchParams.delete(name)
  return url.pathname + url.search
}

function parse(text: string): URL {
  const base = typeof location === 'undefined' ? undefined : location.href
  try {
    return new URL(text, base)
  } catch (cause) {
    throw invalid(
      text,
      'is not absolute, and there is no page to resolve it against: give an absolute URL',
      cause,
    )
  }
}

function problemOf(url: URL): string | null {
  if (url.protocol === 'ws:' || url.protocol === 'wss:') {
    return 'is for WebSockets: the server speaks http or https'
  }
  if (url.host === '') return 'names no host: it begins with http:// or https://, or with /'
  if (url.hash !== '') return 'has a hash, which is never sent: leave it out'
  if (url.username !== '' || url.password !== '') {
    return 'holds a user name or password, which `fetch` refuses: send an authorization header'
  }
  const taken = [...url.searchParams.keys()].find((name) => RESERVED.has(name))
  return taken === undefined
    ? null
    : `has the query parameter ${JSON.stringify(taken)}, which the protocol uses itself: give it another name`
}

const invalid = (text: string, problem: string, cause?: unknown): ElectricProviderError =>
  new ElectricProviderError('invalid_request', `url ${JSON.stringify(text)} ${problem}`, { cause })
