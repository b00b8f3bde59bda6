import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'

export type AnswerLimits = Pick<
  Limits,
  'maxAnswersBytes' | 'answerStallMs' | 'busyRetryAfterSeconds'
>

/** Bytes of an answer, which several readers may share. */
export interface SharedBytes {
  readonly chunks: readonly Uint8Array[]
  readonly byteLength: number
}

/** Answers up to this size do not count: a reader's connection costs as much. */
const UNCOUNTED_BYTES = 64 * 1024

/** A reader requests the next slice when it has read the one before. */
const SLICE_BYTES = 256 * 1024

/**
 * Limits the memory that large answers hold together while slow readers read them. Readers that share the
 * bytes of one answer count once. The server gives up a reader that reads no slice within `answerStallMs`.
 */
export class AnswerBudget {
  readonly #limits: AnswerLimits
  readonly #readers = new Map<SharedBytes, number>()
  #held = 0

  constructor(limits: AnswerLimits) {
    this.#limits = limits
  }

  /** The bytes that answers hold now. */
  get heldBytes(): number {
    return this.#held
  }

  /**
   * The body of an answer. Its bytes are held until the reader has read them, disconnects, or is given up.
   * @param reader aborted when the reader disconnects
   * @throws {RequestError} server_busy
   */
  bodyOf(bytes: SharedBytes, reader?: AbortSignal): Uint8Array<ArrayBuffer> | ReadableStream {
    if (bytes.byteLength <= UNCOUNTED_BYTES) return concatenated(bytes)
    const release = this.#hold(bytes)
    const slices = slicesOf(bytes.chunks)
    let timer: ReturnType<typeof setTimeout> | undefined
    let giveUp = (): void => {}
    const end = (): void => {
      clearTimeout(timer)
      reader?.removeEventListener('abort', end)
      release()
    }
    reader?.addEventListener('abort', end, { once: true })
    if (reader?.aborted) end()
    const { answerStallMs } = this.#limits
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          giveUp = () => {
            end()
            controller.error(new Error(`the reader took nothing for ${answerStallMs} ms`))
          }
          timer = setTimeout(giveUp, answerStallMs)
        },
        pull(controller) {
          clearTimeout(timer)
          timer = setTimeout(giveUp, answerStallMs)
          const { done, value } = slices.next()
          if (!done) {
            controller.enqueue(value)
            return
          }
          end()
          controller.close()
        },
        cancel: end,
      },
      { highWaterMark: 0 },
    )
  }

  /** An answer that is the only one may always be sent. @throws {RequestError} server_busy */
  #hold(bytes: SharedBytes): () => void {
    const readers = this.#readers.get(bytes) ?? 0
    const isOver = this.#held + bytes.byteLength > this.#limits.maxAnswersBytes
    if (readers === 0 && this.#held > 0 && isOver) {
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

function concatenated({ chunks, byteLength }: SharedBytes): Uint8Array<ArrayBuffer> {
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
