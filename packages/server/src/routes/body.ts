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
  code: 'update_too_large' | 'snapshot_too_large' | 'awareness_too_large' | 'invalid_request',
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

/** @throws {RequestError} unsupported_media_type */
export function requireMediaType(c: Context, expected: string): void {
  const sent = c.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (sent === expected) return
  throw new RequestError(
    'unsupported_media_type',
    `this is sent as ${expected}, not as ${sent ?? 'nothing'}`,
  )
}
