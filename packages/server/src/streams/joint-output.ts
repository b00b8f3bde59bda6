import { concat } from './follow/events.ts'

/** How many bytes may wait for the reader of the joint stream before its parts pause. */
const MAX_UNREAD_BYTES = 64 * 1024

/**
 * The body of a joint stream. Everything that its parts write in one turn of the event loop is sent as
 * one piece, so that it costs one system call.
 */
export class JointOutput {
  readonly readable: ReadableStream<Uint8Array>
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null
  #pending: Uint8Array[] = []
  /** Called when there is room again. */
  #waiting: (() => void)[] = []
  #isOver = false

  /** @param onLeft called when the reader has left */
  constructor(onLeft: () => void) {
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => this.#makeRoom(),
        cancel: () => {
          this.#isOver = true
          onLeft()
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_UNREAD_BYTES }),
    )
  }

  /** False while the reader has unread bytes. */
  get hasRoom(): boolean {
    return (this.#controller?.desiredSize ?? 0) > 0
  }

  /** @param onRoom called when the reader can take more */
  write(bytes: Uint8Array, onRoom: () => void = () => {}): void {
    if (this.#isOver) return
    if (this.#pending.length === 0) queueMicrotask(() => this.#flush())
    this.#pending.push(bytes)
    this.#waiting.push(onRoom)
  }

  /** Resolves when the reader can take more. */
  room(): Promise<void> {
    if (this.hasRoom || this.#isOver) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  end(): void {
    this.#flush()
    if (!this.#isOver) this.#controller?.close()
    this.#isOver = true
    this.#makeRoom()
  }

  #flush(): void {
    if (this.#isOver || this.#pending.length === 0) return
    const bytes = concat(this.#pending)
    this.#pending = []
    this.#controller?.enqueue(bytes)
    if (this.hasRoom) this.#makeRoom()
  }

  #makeRoom(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const onRoom of waiting) onRoom()
  }
}
