import { ElectricProviderError } from '../errors.ts'

/**
 * The mount point as an absolute URL without a slash at its end. A relative one is taken from the
 * page that it runs in.
 * @throws {ElectricProviderError} `invalid_request` when it is neither.
 */
export function absoluteUrl(url: string): string {
  const base = typeof location === 'undefined' ? undefined : location.href
  try {
    return new URL(url, base).href.replace(/\/+$/, '')
  } catch (cause) {
    throw new ElectricProviderError(
      'invalid_request',
      `url ${JSON.stringify(url)} is not absolute, and there is no page to take it from`,
      { cause },
    )
  }
}
