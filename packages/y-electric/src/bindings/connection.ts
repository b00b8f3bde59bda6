import type { HeadersSource } from '../io/http.ts'
import { parseApiUrl } from '../io/url.ts'
import type { DocumentOptions } from './options.ts'

type Headers = Record<string, string>

/** A server and the credentials for it. All components with equal ones use the same documents. */
export interface Connection {
  /** Equal for equal servers and credentials. */
  readonly key: string
  readonly options: DocumentOptions
  /** The newest headers of the app, which every request reads. */
  headers: HeadersSource
}

const numbers = new WeakMap<object, number>()
let last = 0

/** A number for each object, so that its identity can be a part of a key. */
function numberOf(object: object): number {
  const known = numbers.get(object)
  if (known !== undefined) return known
  last += 1
  numbers.set(object, last)
  return last
}

/** @throws {ElectricProviderError} `invalid_request`, if `url` is no address of a server */
export function createConnection(options: DocumentOptions): Connection {
  const { url, headers = {}, fetch } = options
  // A server that renders pages has no page to resolve a relative URL against, and connects to nothing.
  const address = isServer() ? url : parseApiUrl(url).href
  const key = JSON.stringify([
    address,
    credentialsOf(options),
    fetch === undefined ? 0 : numberOf(fetch),
  ])
  return { key, options, headers }
}

/** A function that returns the newest headers of the app for each request. */
export const newestHeaders = (connection: Connection) => (): Headers | Promise<Headers> => {
  const { headers } = connection
  return typeof headers === 'function' ? headers() : headers
}

function credentialsOf({ user, headers = {} }: DocumentOptions): unknown[] {
  if (user !== undefined) return ['user', user]
  if (typeof headers === 'function') return ['function', numberOf(headers)]
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  return ['headers', entries.sort()]
}

/** True where pages are rendered to text: documents are neither opened nor shared there. */
export const isServer = (): boolean => typeof window === 'undefined'
