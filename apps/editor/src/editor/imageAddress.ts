const SCHEMES = new Set(['http:', 'https:'])
const PICTURE = /^data:image\/(png|jpeg|gif|webp|avif)[;,]/i

/** The address of an image that may be shown; null when it is none. Without a scheme it is on this server. */
export function imageAddressOf(source: unknown, base: string): string | null {
  if (typeof source !== 'string' || source.trim() === '') return null
  if (PICTURE.test(source)) return source
  try {
    return SCHEMES.has(new URL(source, base).protocol) ? source : null
  } catch {
    return null
  }
}
