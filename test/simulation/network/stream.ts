// Delivers the body of an answer: whole, truncated, or piece by piece if it is a stream of events.
import type { SimulatedPage } from '../browsers/page.ts'
import type { Timeline } from '../kernel/timeline.ts'
import type { Exchange } from './exchange.ts'

/** The longest delay of a piece of a stream, in milliseconds. */
const MAX_LATENCY_MS = 5

export interface Relaying {
  readonly timeline: Timeline
  /** Called when bytes of an answer leave the server. */
  readonly onBytes: (page: SimulatedPage, bytes: Uint8Array) => void
}

const broken = (): Error => new TypeError('terminated')

export async function relay(
  page: SimulatedPage,
  response: Response,
  exchange: Exchange,
  isTruncated: boolean,
  options: Relaying,
): Promise<Response> {
  const { status, headers, body } = response
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') ?? false
  if (isStream && body !== null) {
    const relayed = relayStream(page, body, exchange, isTruncated, options)
    return new Response(relayed, { status, headers })
  }
  const bytes = new Uint8Array(await response.arrayBuffer())
  options.onBytes(page, bytes)
  const isEmpty = status === 204 || status === 304
  if (!isTruncated || bytes.byteLength === 0) {
    return new Response(isEmpty ? null : bytes, { status, headers })
  }
  const half = bytes.subarray(0, Math.floor(bytes.byteLength / 2))
  const cut = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(half),
    pull: (controller) => controller.error(broken()),
  })
  return new Response(cut, { status, headers })
}

function relayStream(
  page: SimulatedPage,
  body: ReadableStream<Uint8Array>,
  exchange: Exchange,
  isTruncated: boolean,
  { timeline, onBytes }: Relaying,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let left = isTruncated ? 1 : Number.POSITIVE_INFINITY
  let hasEnded = false
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (how: () => void): void => {
        if (hasEnded) return
        hasEnded = true
        exchange.onBreak = null
        how()
        exchange.end()
      }
      exchange.onBreak = () => end(() => controller.error(broken()))
      const onOver = exchange.onOver
      exchange.onOver = () => {
        onOver()
        end(() => controller.error(broken()))
        reader.cancel().catch(() => {})
      }
      const next = async (): Promise<void> => {
        const read = await reader.read().catch(() => ({ done: true as const, value: undefined }))
        if (read.value !== undefined) onBytes(page, read.value)
        timeline.after(page.chance.below(MAX_LATENCY_MS + 1), page, () => {
          if (hasEnded) return
          if (read.done || read.value === undefined) return end(() => controller.close())
          if (left-- <= 0) {
            controller.enqueue(read.value.subarray(0, Math.floor(read.value.byteLength / 2)))
            return end(() => controller.error(broken()))
          }
          controller.enqueue(read.value)
          void next()
        })
      }
      void next()
    },
    cancel() {
      hasEnded = true
      exchange.end()
      return reader.cancel().catch(() => {})
    },
  })
}
