import { RequestError } from '../errors.ts'

/**
 * Reads a request's body, and no more than `maxBytes` of it: what claims to be larger is refused
 * unread, what turns out to be larger is refused as soon as it does.
 * @throws {RequestError} update_too_large
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const claimed = Number(request.headers.get('content-length') ?? Number.NaN)
  if (claimed > maxBytes) throw tooLarge(maxBytes)
  // An HTTP server enforces the claimed length, so that the fast path need not count on the way.
  if (Number.isFinite(claimed)) {
    const bytes = new Uint8Array(await request.arrayBuffer())
    if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes)
    return bytes
  }
  if (request.body === null) return new Uint8Array()

  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

const tooLarge = (maxBytes: number): RequestError =>
  new RequestError('update_too_large', `an update has at most ${maxBytes} bytes`)
