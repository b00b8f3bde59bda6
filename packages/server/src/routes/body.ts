import type { Context } from 'hono'
import { RequestError } from '../errors.ts'

/**
 * Reads a request's body, and no more than `maxBytes` of it: what claims to be larger is refused
 * unread, what turns out to be larger is refused as soon as it does.
 * @throws {RequestError} with `code`
 */
export async function readBody(
  request: Request,
  maxBytes: number,
  code:
    | 'update_too_large'
    | 'snapshot_too_large'
    | 'awareness_too_large'
    | 'document_too_large'
    | 'invalid_request',
): Promise<Uint8Array> {
  const tooLarge = () => new RequestError(code, `the body has more than ${maxBytes} bytes`)
  const claimed = Number(request.headers.get('content-length') ?? Number.NaN)
  if (claimed > maxBytes) throw tooLarge()
  // An HTTP server enforces the claimed length, so that the fast path need not count on the way.
  if (Number.isFinite(claimed)) {
    const bytes = new Uint8Array(await request.arrayBuffer())
    if (bytes.byteLength > maxBytes) throw tooLarge()
    return bytes
  }
  if (request.body === null) return new Uint8Array()

  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/** Bytes that a small JSON body may take, with room for white space. */
export const MAX_JSON_BYTES = 4 * 1024

/** A small JSON body. Anything but an object is as good as an empty one. @throws {RequestError} invalid_request */
export async function readJsonObject(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const json = parseJson(await readBody(request, MAX_JSON_BYTES, 'invalid_request'))
  return typeof json === 'object' && json !== null ? { ...json } : {}
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}

/** @throws {RequestError} unsupported_media_type */
export function requireMediaType(c: Context, expected: string): void {
  const sent = mediaTypeOf(c)
  if (sent === expected) return
  throw new RequestError(
    'unsupported_media_type',
    `this is sent as ${expected}, not as ${sent ?? 'nothing'}`,
  )
}

/** The media type that a body is sent as, without its parameters. */
export const mediaTypeOf = (c: Context): string | undefined =>
  c.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
