/**
 * The name of a content coding at the end of a tag. Apache, Caddy and Jetty add it when they compress,
 * so that each encoding of an answer has its own tag.
 */
const CODING_SUFFIX = /(?:--?|;)(?:gzip|br|zstd|deflate)$/

const TAGS = /(W\/)?"([^"]*)"/g

const isAny = (ifNoneMatch: string): boolean => ifNoneMatch.trim() === '*'

/** The opaque value of a tag, without `W/` and quotes. */
const opaqueOf = (tag: string): string => tag.replace(/^W\//, '').replace(/^"|"$/g, '')

/**
 * The tag in `If-None-Match` that names the same content as `etag`, exactly as the client wrote it, or
 * null. Compression in this server or in a proxy weakens a tag (`W/"x"`) or adds a suffix (`"x-gzip"`),
 * but the content is the same. The 304 repeats the client's tag, because a cache may ignore a 304 for a
 * tag that it does not know.
 */
export function matchingTag(ifNoneMatch: string | null | undefined, etag: string): string | null {
  if (ifNoneMatch === null || ifNoneMatch === undefined) return null
  if (isAny(ifNoneMatch)) return etag
  const opaque = opaqueOf(etag)
  for (const [tag, , sent = ''] of ifNoneMatch.matchAll(TAGS)) {
    if (sent === opaque || sent.replace(CODING_SUFFIX, '') === opaque) return tag
  }
  return null
}

/**
 * `If-None-Match` as this server forwards it to Electric: with the strong tags that Electric issued,
 * because Electric compares tags byte by byte. Null if there is no tag to send, as for `*`.
 */
export function strongTags(ifNoneMatch: string | null): string | null {
  if (ifNoneMatch === null || isAny(ifNoneMatch)) return null
  const sent = [...ifNoneMatch.matchAll(TAGS)].map(([, , opaque = '']) => opaque)
  const tags = sent.flatMap((opaque) => [opaque, opaque.replace(CODING_SUFFIX, '')])
  return tags.length === 0 ? null : [...new Set(tags)].map((opaque) => `"${opaque}"`).join(', ')
}
