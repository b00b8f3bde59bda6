/**
 * A content coding's name at the end of a tag: Apache, Caddy and Jetty add it where they compress,
 * so that each form of an answer has a tag of its own.
 */
const CODING_SUFFIX = /(?:--?|;)(?:gzip|br|zstd|deflate)$/

const TAGS = /(W\/)?"([^"]*)"/g

const isAny = (ifNoneMatch: string): boolean => ifNoneMatch.trim() === '*'

/** What a tag says, whichever compression it went through. */
const opaqueOf = (tag: string): string => tag.replace(/^W\//, '').replace(/^"|"$/g, '')

/**
 * The tag of `If-None-Match` that stands for the same content as `etag`, as the client wrote it, or
 * null. Compression on the way weakens a tag (`W/"x"`) or adds a suffix (`"x-gzip"`), here or in a
 * proxy; the content is the same. A 304 is sent with the tag that the client has: a cache may
 * ignore a 304 for a tag that it does not know.
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
 * `If-None-Match` as it is sent on to Electric, which compares tags letter by letter: with the
 * strong tags that it once gave. Null when there is none to send, as for `*`.
 */
export function strongTags(ifNoneMatch: string | null): string | null {
  if (ifNoneMatch === null || isAny(ifNoneMatch)) return null
  const sent = [...ifNoneMatch.matchAll(TAGS)].map(([, , opaque = '']) => opaque)
  const tags = sent.flatMap((opaque) => [opaque, opaque.replace(CODING_SUFFIX, '')])
  return tags.length === 0 ? null : [...new Set(tags)].map((opaque) => `"${opaque}"`).join(', ')
}
