import { ElectricProviderError } from '../errors.ts'
import type { PlatformPage } from './platform.ts'

/**
 * A browser that blocks an answer for its missing CORS headers, or does not send the request at
 * all, rejects within this time; a slow or broken network mostly takes longer. Milliseconds.
 */
const AT_ONCE_MS = 3_000

/**
 * Makes an error from a request without an answer. Browsers do not tell a page the reason, so if it may be
 * CORS, the message says what to check.
 */
export function unreachable(
  url: string,
  cause: unknown,
  tookMs: number,
  { location, isOnline }: Pick<PlatformPage, 'location' | 'isOnline'>,
): ElectricProviderError {
  const target = new URL(url)
  const page = location()
  if (page === null || page.origin === target.origin || tookMs > AT_ONCE_MS || !isOnline()) {
    const code = causeCode(cause)
    const message = `the server cannot be reached${code === null ? '' : ` (${code})`}`
    return new ElectricProviderError('network', message, { cause })
  }
  const mixed =
    page.protocol === 'https:' && target.protocol === 'http:'
      ? ', or that a secure page may not ask an insecure address'
      : ''
  const message = `the server at ${target.origin} cannot be reached from ${page.origin}. Either it is down, or \`url\` is wrong, or the browser blocks the request. The browser's console names the reason: usually that the server sends no CORS headers (Access-Control-Allow-Origin) for this page${mixed}`
  return new ElectricProviderError('network', message, { cause, suspectsUrl: true })
}

/** Node's code for the failure: `ECONNREFUSED`, `ENOTFOUND`. */
function causeCode(error: unknown): string | null {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string'
    ? cause.code
    : null
}
