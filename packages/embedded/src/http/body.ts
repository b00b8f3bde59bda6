import { RequestError } from '../errors.ts'

/**
 * Reads the JSON body of a request; undefined without a body. Holds at most `maxBytes` in memory.
 * @throws {RequestError} if the body is larger, or is not JSON
 */
export async function readBody(request: Request, maxBytes: number): Promise<unknown> {
  const tooLarge = (): RequestError =>
    new RequestError({ body: [`has more than ${maxBytes} bytes`] }, 413)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  if (request.body === null) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw RequestError.of('body', 'is not valid JSON')
  }
}
