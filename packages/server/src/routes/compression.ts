import type { Context, MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import { parseAccept } from 'hono/utils/accept'
import { STATE_MEDIA_TYPE } from 'y-electric/protocol'
import { builtinIfAny } from '../node.ts'
import { concatenated, type SharedBytes, UNCOUNTED_BYTES } from './answer-budget.ts'
import { isLive } from './live.ts'

/** Answers smaller than this, in bytes, are not compressed. */
const THRESHOLD = 1024

/** Larger answers are compressed while they are sent, so that their readers do not wait for the last byte. */
const MAX_AT_ONCE_BYTES = 1024 * 1024

/** A smaller answer is compressed in less time than it takes to hand it to another thread. */
const INLINE_BYTES = 16 * 1024

const compressed = compress({ threshold: THRESHOLD, contentTypeFilter: shrinks })

function shrinks(type: string): boolean {
  return (
    type.startsWith(STATE_MEDIA_TYPE) ||
    /^(text\/(html|markdown|plain)\b|application\/([\w.]+\+)?json\b)/.test(type)
  )
}

/** True for a request that Next.js passes to a route of an app. It removes `Content-Encoding` from the answer. */
const isFromNext = (c: Context): boolean => 'nextUrl' in c.req.raw

/** The requests that this server may answer with a compressed body: an app can leave that to a proxy. */
const compressing = new WeakSet<Context>()

/**
 * Compresses what a joining client reads: state, and the log of a segment, which is hex in JSON and
 * shrinks to a seventh. Live answers are small and urgent: they are not compressed.
 */
export const compressUnlessLive: MiddlewareHandler = (c, next) => {
  if (isLive(c) || isFromNext(c)) return next()
  compressing.add(c)
  return compressed(c, async () => {
    await next()
    await gzipSmall(c)
  })
}

/** The compressed form of bytes that several readers may share. */
const gzipped = new WeakMap<SharedBytes, Promise<SharedBytes>>()

/**
 * An answer compressed with gzip, once for all readers that share its bytes. A web stream, which
 * `compressUnlessLive` uses for anything that this function leaves, costs several times as much, and again for
 * each reader.
 * @returns null if the app, the client, the size of the answer or the runtime does not allow it
 */
export async function gzipFor(c: Context, bytes: SharedBytes): Promise<SharedBytes | null> {
  const { byteLength } = bytes
  if (byteLength < THRESHOLD || byteLength > MAX_AT_ONCE_BYTES) return null
  if (!compressing.has(c) || !prefersGzip(c)) return null
  const zlib = builtinIfAny('node:zlib')
  if (zlib === undefined) return null
  const known = gzipped.get(bytes)
  if (known !== undefined) return known
  const data = concatenated(bytes)
  const made = new Promise<SharedBytes>((resolve, reject) => {
    const done = (chunk: Uint8Array): void =>
      resolve({ chunks: [chunk], byteLength: chunk.byteLength })
    if (byteLength <= INLINE_BYTES) done(zlib.gzipSync(data))
    else zlib.gzip(data, (error, chunk) => (error === null ? done(chunk) : reject(error)))
  })
  gzipped.set(bytes, made)
  return made
}

/** Sets the headers of an answer whose body is compressed with gzip. */
export function describeGzip(headers: Headers, { byteLength }: SharedBytes): void {
  headers.set('content-encoding', 'gzip')
  headers.set('content-length', String(byteLength))
  const vary = headers.get('vary') ?? ''
  const varies = /(^|[,\s])(\*|accept-encoding)([,\s]|$)/i.test(vary)
  if (!varies) headers.append('vary', 'Accept-Encoding')
  // Weak, since the bytes are not those of the answer without compression.
  const etag = headers.get('etag')
  if (etag !== null && !etag.startsWith('W/')) headers.set('etag', `W/${etag}`)
}

/** Compresses an answer that is in memory and does not count as held. */
async function gzipSmall(c: Context): Promise<void> {
  const { status, headers } = c.res
  if (c.req.method === 'HEAD' || !prefersGzip(c) || !isSmallText(c.res)) return
  const data = new Uint8Array(await c.res.arrayBuffer())
  const bytes = { chunks: [data], byteLength: data.byteLength }
  const smaller = await gzipFor(c, bytes)
  c.res = new Response(smaller === null ? data : concatenated(smaller), { status, headers })
  if (smaller !== null) describeGzip(c.res.headers, smaller)
}

/** True for an answer of a known small size that shrinks, and that nobody has compressed or forbids to. */
function isSmallText({ status, headers, body }: Response): boolean {
  const length = Number(headers.get('content-length'))
  return (
    length >= THRESHOLD &&
    length <= UNCOUNTED_BYTES &&
    status !== 206 &&
    body !== null &&
    shrinks(headers.get('content-type') ?? '') &&
    !headers.has('content-encoding') &&
    !headers.get('cache-control')?.includes('no-transform')
  )
}

/** True for a client that names gzip and prefers it to deflate; `compress` decides about all others. */
function prefersGzip(c: Context): boolean {
  const accepted = parseAccept(c.req.header('accept-encoding') ?? '')
  const [gzip = 0, deflate = 0] = ['gzip', 'deflate'].map(
    (coding) => accepted.find(({ type }) => type.toLowerCase() === coding)?.q,
  )
  return gzip > 0 && gzip >= deflate
}
