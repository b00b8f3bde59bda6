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
  if (!compressing.has(c) || !acceptsGzip(c)) return null
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
  if (!/(^|[,\s])(\*|accept-encoding)([,\s]|$)/i.test(vary))
    headers.append('vary', 'Accept-Encoding')
  // Weak, since the bytes are not those of the answer without compression.
  const etag = headers.get('etag')
  if (etag !== null && !etag.startsWith('W/')) headers.set('etag', `W/${etag}`)
}

/** Compresses an answer that is in memory and does not count as held. */
async function gzipSmall(c: Context): Promise<void> {
  const { status, headers, body } = c.res
  const length = Number(headers.get('content-length') ?? Number.NaN)
  if (
    !(length >= THRESHOLD && length <= UNCOUNTED_BYTES) ||
    !shrinks(headers.get('content-type') ?? '')
  ) {
    return
  }
  if (c.req.method === 'HEAD' || status === 206 || body === null) return
  if (headers.has('content-encoding') || !acceptsGzip(c)) return
  if (headers.get('cache-control')?.includes('no-transform')) return
  const data = new Uint8Array(await c.res.arrayBuffer())
  const bytes = { chunks: [data], byteLength: data.byteLength }
  const smaller = (await gzipFor(c, bytes)) ?? bytes
  c.res = new Response(concatenated(smaller), { status, headers })
  if (smaller !== bytes) describeGzip(c.res.headers, smaller)
}

function acceptsGzip(c: Context): boolean {
  const accepted = c.req.header('accept-encoding')
  if (accepted === undefined) return false
  return parseAccept(accepted).some(({ type, q }) => type.toLowerCase() === 'gzip' && q > 0)
}
