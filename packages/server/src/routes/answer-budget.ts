import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { type Breather, breather } from '../store/breather.ts'

export type AnswerLimits = Pick<
  Limits,
  'maxAnswersBytes' | 'answerStallMs' | 'busyRetryAfterSeconds'
>

/** Bytes of an answer, which several readers may share. */
export interface SharedBytes {
  readonly chunks: readonly Uint8Array[]
  readonly byteLength: number
}

/** The request that an answer is for. */
export type ReaderOf = Pick<Request, 'method' | 'signal'>

/** Answers up to this size do not count: a reader's connection costs as much. */
export const UNCOUNTED_BYTES = 64 * 1024

/** The size of a slice. A reader requests the next slice when it has read the previous one. */
const SLICE_BYTES = 256 * 1024

/** The longest time that sending a slice takes on the event loop, in milliseconds. */
const SEND_MS = 2

/**
 * Limits the memory that large answers hold together while slow readers read them. Readers that share the
 * bytes of one answer count once. The server gives up a reader that reads no slice within `answerStallMs`.
 * Nothing is held when the last reader is gone (MEM-1).
 */
export class AnswerBudget {
  readonly #limits: AnswerLimits
  readonly #breather: Breather
  readonly #readers = new Map<SharedBytes, number>()
  #held = 0

  /** @param own decides about pauses; default: the one of this process */
  constructor(limits: AnswerLimits, own = breather) {
    this.#limits = limits
    this.#breather = own
  }

  /** The bytes that answers hold now. */
  get heldBytes(): number {
    return this.#held
  }

  /**
   * Counts the body of a finished answer, which is in memory as a whole.
   * @param request a request that changes nothing is refused if there is no room; the answer to any other
   *   request counts but is always sent, since its work is done
   * @throws {RequestError} server_busy
   */
  async count(response: Response, { method, signal }: ReaderOf): Promise<Response> {
    if (method === 'HEAD' || response.body === null) return response
    const data = new Uint8Array(await response.arrayBuffer())
    const bytes = { chunks: [data], byteLength: data.byteLength }
    const body = this.bodyOf(bytes, signal, method !== 'GET')
    const headers = new Headers(response.headers)
    headers.set('content-length', String(data.byteLength))
    return new Response(body, { status: response.status, headers })
  }

  /**
   * The body of an answer. Its bytes are held until the reader has read them, disconnects, or is given up.
   * @param reader aborted when the reader disconnects
   * @throws {RequestError} server_busy, unless `isDue`
   */
  bodyOf(
    bytes: SharedBytes,
    reader?: AbortSignal,
    isDue = false,
  ): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
    if (bytes.byteLength <= UNCOUNTED_BYTES) return concatenated(bytes)
    return this.#send(this.#withPauses(slicesOf(bytes.chunks)), this.#hold(bytes, isDue), reader, 0)
  }

  /**
   * The body of an answer that is read piece by piece, as fast as its reader takes it.
   * @param pieceBytes the size of a piece, which is what the answer holds
   * @throws {RequestError} server_busy
   */
  streamOf(
    pieces: AsyncIterable<Uint8Array>,
    pieceBytes: number,
    reader?: AbortSignal,
  ): ReadableStream<Uint8Array> {
    const release = this.#hold({ chunks: [], byteLength: pieceBytes }, false)
    // One piece is fetched ahead, while its reader connects.
    return this.#send(pieces[Symbol.asyncIterator](), release, reader, 1)
  }

  /** Pauses between slices. Otherwise a fast reader of a large answer in memory would take all of the event loop. */
  async *#withPauses(slices: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let sent = 0
    let unpaused = 0
    for (const slice of slices) {
      yield slice
      sent += slice.byteLength
      unpaused += slice.byteLength
      if (unpaused < SLICE_BYTES) continue
      unpaused = 0
      await this.#breather.afterPiece(sent, SEND_MS)
    }
  }

  #send(
    slices: AsyncIterator<Uint8Array, unknown>,
    release: () => void,
    reader: AbortSignal | undefined,
    ahead: number,
  ): ReadableStream<Uint8Array> {
    let timer: ReturnType<typeof setTimeout> | undefined
    let giveUp = (): void => {}
    let isOver = false
    const end = (): void => {
      isOver = true
      clearTimeout(timer)
      reader?.removeEventListener('abort', end)
      release()
      void slices.return?.()
    }
    reader?.addEventListener('abort', end, { once: true })
    if (reader?.aborted) end()
    const { answerStallMs } = this.#limits
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          if (isOver) {
            controller.error(reader?.reason)
            return
          }
          giveUp = () => {
            end()
            controller.error(new Error(`the reader took nothing for ${answerStallMs} ms`))
          }
          timer = setTimeout(giveUp, answerStallMs)
        },
        async pull(controller) {
          clearTimeout(timer)
          try {
            const { done, value } = await slices.next()
            // The reader may have gone while the slice was read.
            reader?.throwIfAborted()
            if (!done) {
              timer = setTimeout(giveUp, answerStallMs)
              controller.enqueue(value)
              return
            }
            end()
            controller.close()
          } catch (error) {
            end()
            throw error
          }
        },
        cancel: end,
      },
      { highWaterMark: ahead },
    )
  }

  /**
   * An answer may always be sent if it is the only one.
   * @throws {RequestError} server_busy, unless `isDue`
   */
  #hold(bytes: SharedBytes, isDue: boolean): () => void {
    const readers = this.#readers.get(bytes) ?? 0
    const isOver = this.#held + bytes.byteLength > this.#limits.maxAnswersBytes
    if (!isDue && readers === 0 && this.#held > 0 && isOver) {
      throw new RequestError(
        'server_busy',
        'the server sends too many large answers to slow readers at this moment: ask again later',
        { retryAfterSeconds: this.#limits.busyRetryAfterSeconds },
      )
    }
    if (readers === 0) this.#held += bytes.byteLength
    this.#readers.set(bytes, readers + 1)
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      const left = (this.#readers.get(bytes) ?? 1) - 1
      if (left > 0) this.#readers.set(bytes, left)
      else {
        this.#readers.delete(bytes)
        this.#held -= bytes.byteLength
      }
    }
  }
}

export function concatenated({ chunks, byteLength }: SharedBytes): Uint8Array<ArrayBuffer> {
  const [first] = chunks
  if (chunks.length === 1 && first !== undefined) return first as Uint8Array<ArrayBuffer>
  const all = new Uint8Array(byteLength)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.byteLength
  }
  return all
}

function* slicesOf(chunks: readonly Uint8Array[]): Generator<Uint8Array, undefined> {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength; at += SLICE_BYTES) {
      yield chunk.subarray(at, at + SLICE_BYTES)
    }
  }
  return undefined
}
