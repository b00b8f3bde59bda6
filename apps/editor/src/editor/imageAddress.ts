const SCHEMES = new Set(['http:', 'https:'])
const PICTURE = /^data:image\/(png|jpeg|gif|webp|avif)[;,]/i

/**
 * The address of an image that may be shown; null when it is none. Without a scheme it is on this
 * server. It is read as browsers do: white space around it and line breaks in it do not count.
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
