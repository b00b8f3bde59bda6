const SCHEMES = new Set(['http:', 'https:'])
const PICTURE = /^data:image\/(png|jpeg|gif|webp|avif)[;,]/i

/**
 * The address of an image if it may be shown, otherwise null. An address without a scheme is on
 * this server. It is parsed as browsers do: surrounding white space and line breaks are ignored.
 */
export function imageAddressOf(source: unknown, base: string): string | null {
  if (typeof source !== 'string' || source.trim() === '') return null
  try {
    const { protocol, href } = new URL(source, base)
    return SCHEMES.has(protocol) || PICTURE.test(href) ? source : null
  } catch {
    return null
  }
}

/** The address of this page, to which relative addresses lead; outside of a browser, any. */
export const pageAddress = (): string => globalThis.location?.href ?? 'https://localhost'
