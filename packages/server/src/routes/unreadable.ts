import type { Context } from 'hono'
import { RequestError } from '../errors.ts'

export const UNREADABLE =
  'the request contains text that cannot be stored: a NUL character, or bytes that are not UTF-8'

/**
 * Refuses a request whose path or query is not text: wrong percent-encoding, or bytes that are not UTF-8.
 * A query may not contain a NUL character, which Postgres cannot store; the check of document ids covers
 * the path.
 * @throws {RequestError} invalid_request
 */
export function requireReadable(c: Context): void {
  const { pathname, search } = splitUrl(c.req.url)
  if (decoded(pathname) === null) throw unreadable('path')
  const query = search === '' ? '' : decoded(search.replaceAll('+', ' '))
  if (query === null || query.includes('\0')) throw unreadable('query')
}

/** The text as the client sent it: `URL` would replace bytes that are not UTF-8. */
function splitUrl(url: string): { pathname: string; search: string } {
  const path = url.replace(/^\w+:\/\/[^/]*/, '').replace(/#.*$/s, '')
  const mark = path.indexOf('?')
  return mark < 0
    ? { pathname: path, search: '' }
    : { pathname: path.slice(0, mark), search: path.slice(mark + 1) }
}

function decoded(text: string): string | null {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

const unreadable = (part: string): RequestError =>
  new RequestError(
    'invalid_request',
    `the ${part} of the request is not text: percent-encode UTF-8, without NUL characters`,
  )

/** True for text that Postgres stores unchanged: without NUL characters and without half surrogates. */
export const isStorable = (text: string): boolean =>
  !text.includes('\0') && !HALF_SURROGATE.test(text)

/** The text without characters that Postgres cannot store. */
export const storable = (text: string): string =>
  text.replaceAll('\0', '').replaceAll(HALF_SURROGATES, '')

const HALF_SURROGATE = /\p{Surrogate}/u
const HALF_SURROGATES = /\p{Surrogate}/gu
