import type { Clock } from './clock.ts'

/** Reads on; a stream that says nothing for `ms` is cancelled, and the read fails with `late()`. */
export async function readInTime(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  clock: Clock,
  ms: number,
  late: () => Error,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  let cancel = () => {}
  const silence = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => {
      const error = late()
      reader.cancel(error).catch(() => {})
      reject(error)
    })
  })
  try {
    return await Promise.race([reader.read(), silence])
  } finally {
    cancel()
  }
}

/** The same response, whose body fails when it says nothing for `ms`. */
export function withSilenceLimit(
  response: Response,
  clock: Clock,
  ms: number,
  late: () => Error,
): Response {
  if (response.body === null) return response
  const reader = response.body.getReader()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await readInTime(reader, clock, ms, late)
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
  const { status, statusText, headers } = response
  return new Response(body, { status, statusText, headers })
}
