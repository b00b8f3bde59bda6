import { PRESENCE_MEDIA_TYPE } from '../protocol/headers.ts'
import type { Clock } from './clock.ts'

/** An answer up to this long comes in one piece, or nearly so. Bytes. */
const SHORT_BYTES = 64 * 1024

/** True for an answer that is read at once: an acknowledgement, an error, a list. */
export function isShort({ headers }: Response): boolean {
  const length = headers.get('content-length')
  if (length !== null && Number(length) <= SHORT_BYTES) return true
  const type = headers.get('content-type') ?? ''
  if (type.startsWith(PRESENCE_MEDIA_TYPE)) return true
  return type.includes('json') && !headers.has('electric-handle')
}

/**
 * The same response, which fails with `late()` when its body is not whole `ms` after somebody began to read
 * it. Its body is left as it is: Chromium shows a request as cancelled when a page reads the body of a
 * `no-store` answer bit by bit.
 */
export function withReadLimit(
  response: Response,
  clock: Clock,
  ms: number,
  late: () => Error,
): Response {
  const limit = async <T>(read: () => Promise<T>): Promise<T> => {
    let cancel = () => {}
    const tooLate = new Promise<never>((_, reject) => {
      cancel = clock.after(ms, () => reject(late()))
    })
    try {
      return await Promise.race([read(), tooLate])
    } finally {
      cancel()
    }
  }
  const limited = (name: 'arrayBuffer' | 'json' | 'text') => {
    const read = response[name].bind(response)
    return { value: () => limit<unknown>(read) }
  }
  return Object.defineProperties(response, {
    arrayBuffer: limited('arrayBuffer'),
    json: limited('json'),
    text: limited('text'),
  })
}
