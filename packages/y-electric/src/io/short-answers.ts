import { PRESENCE_MEDIA_TYPE } from '../protocol/headers.ts'
import type { Clock } from './clock.ts'

/** An answer up to this size arrives in one chunk or a few. Bytes. */
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
 * Returns the same response, which fails with `late()` if its body is not complete `ms` after a
 * read began. It does not replace the body: Chromium shows a request as cancelled when a page reads
 * the body of a `no-store` answer in chunks.
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
