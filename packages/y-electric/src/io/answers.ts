/** Makes errors from unexpected answers, and reads their bodies to the end. */
import { ElectricProviderError } from '../errors.ts'
import { parseErrorBody } from '../protocol/error-codes.ts'
import { isShort } from './short-answers.ts'

/** The longest wait that a server may ask for: one hour, in milliseconds. Timers cannot wait for weeks. */
export const MAX_RETRY_AFTER_MS = 3_600_000

/** How many bytes of an unneeded body are read before the rest is cancelled. */
const DRAIN_LIMIT_BYTES = 1024 * 1024

/**
 * Reads an unneeded body to its end. Cancelling a request before its end closes the connection, and the
 * browser shows the request as failed.
 */
export async function drain(response: Response): Promise<void> {
  try {
    // React Native has no `body`.
    if (isShort(response) || !response.body) {
      await response.arrayBuffer()
      return
    }
    const reader = response.body.getReader()
    for (let bytes = 0; bytes <= DRAIN_LIMIT_BYTES; ) {
      const { done, value } = await reader.read()
      if (done) return
      bytes += value.byteLength
    }
    await reader.cancel()
  } catch {
    // The body broke off, or was already read.
  }
}

/** Makes an error from an unsuccessful answer. Reads its body to the end. */
export async function errorOfResponse(
  response: Response,
  about: { batchId?: string } = {},
): Promise<ElectricProviderError> {
  const { status } = response
  const retryAfterMs = retryAfter(response.headers)
  const details = { ...about, status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  const error = await readErrorBody(response)
  // A redirect can turn a POST into a GET, for which the server may have no route. A file server answers 501 to a POST.
  const isAstray = status === 404 || status === 405 || status === 410 || status === 501
  if (isAstray && (error === null || response.redirected)) {
    const message = `${placeOf(response)} answered ${status}, but not as a y-electric server does: check \`url\``
    return new ElectricProviderError('wrong_url', message, { ...details, suspectsUrl: true })
  }
  if (error !== null) {
    const suspectsUrl = error.code === 'not_found'
    return new ElectricProviderError(error.code, error.message, { ...details, suspectsUrl })
  }
  const message = `${placeOf(response)} answered ${status}${HINTS[status] ?? ''}`
  const suspectsUrl = status === CAPTIVE_PORTAL
  return new ElectricProviderError(CODES[status] ?? 'bad_response', message, {
    ...details,
    suspectsUrl,
  })
}

/**
 * Codes for statuses that are final even without our error body: the app's own middleware may check
 * credentials.
 */
const CODES: Readonly<Record<number, 'unauthenticated' | 'forbidden'>> = {
  401: 'unauthenticated',
  403: 'forbidden',
}

/** Network Authentication Required (RFC 6585): the network answers, and not the server. */
const CAPTIVE_PORTAL = 511

const HINTS: Readonly<Record<number, string>> = {
  413: ': a proxy between here and the server does not accept bodies of this size',
  431: ': the headers of the request, cookies included, are too large',
  [CAPTIVE_PORTAL]: ': this network requires a login first',
}

async function readErrorBody(response: Response) {
  const type = response.headers.get('content-type')
  if (type !== null && !type.includes('json')) {
    await drain(response)
    return null
  }
  return parseErrorBody(await response.json().catch(() => null))
}

/**
 * Makes an error from an answer with the right status and the wrong content. Reads its body to the end.
 * @param expected the expected content, for the message
 */
export async function foreignAnswer(
  response: Response,
  expected: string,
  about: { batchId?: string } = {},
): Promise<ElectricProviderError> {
  const { status } = response
  const type = response.headers.get('content-type')?.split(';')[0]
  await drain(response)
  const got = type ? `${type} (${status})` : `${status}`
  const message = `${placeOf(response)} answered ${got} instead of ${expected}: check \`url\`, and whether a login page or a captive portal is in the way`
  return new ElectricProviderError('bad_response', message, { ...about, status, suspectsUrl: true })
}

/** The address of an answer, without its query, which may contain secrets. */
function placeOf({ url, redirected }: Response): string {
  if (!url) return 'the server'
  const { origin, pathname } = new URL(url)
  return redirected ? `the request was redirected, and ${origin}${pathname}` : origin + pathname
}

/** `Retry-After` in milliseconds. A date is relative to the server's `Date` header, if there is one. */
export function retryAfter(headers: Headers): number | undefined {
  const asked = headers.get('retry-after')
  if (asked === null) return undefined
  const seconds = Number(asked)
  const ms = Number.isNaN(seconds)
    ? Date.parse(asked) - Date.parse(headers.get('date') ?? '')
    : seconds * 1_000
  return ms >= 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined
}
