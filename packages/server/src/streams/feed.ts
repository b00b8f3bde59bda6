import { concat, wholeEvents } from './follow/events.ts'

/** Takes the events of a live stream. */
export interface Sink {
  /** Takes whole events. No more events follow before `resume` of the feed, except a comment. */
  write(events: Uint8Array): void
  /** No events follow. Called once, but not after `cancel` of the feed. */
  end(): void
}

/**
 * The events of a live stream, pushed to a sink. With a `ReadableStream` in each layer, the streams would
 * take most of the processor time of a message to many readers.
 */
export interface Feed {
  /** Starts to push events to a sink that can take them. Called once. */
  start(sink: Sink): void
  /** Reports that the sink can take more events. */
  resume(): void
  /** Ends the feed, whether or not it was started. */
  cancel(): void
}

const feeds = new WeakMap<Response, Feed>()

/** A response whose body is the events of a feed. */
export function feedResponse(feed: Feed, init: ResponseInit): Response {
  const response = new Response(readableOf(feed), init)
  feeds.set(response, feed)
  return response
}

/** True for a response that is a stream of events. */
export const isEventStreamResponse = ({ ok, headers, body }: Response): boolean =>
  ok && body !== null && (headers.get('content-type')?.startsWith('text/event-stream') ?? false)

/**
 * The events of a response, whose body must not be read any more. A body that breaks off counts as ended: its
 * reader continues from its last offset.
 * @returns null if it is not a stream of events
 */
export function takeFeed(response: Response): Feed | null {
  const feed = feeds.get(response)
  if (feed !== undefined) return feed
  return isEventStreamResponse(response) && response.body !== null ? feedOf(response.body) : null
}

function readableOf(feed: Feed): ReadableStream<Uint8Array> {
  let controller: ReadableStreamDefaultController<Uint8Array>
  let isStarted = false
  let isOver = false
  const sink: Sink = {
    write(events) {
      if (!isOver) controller.enqueue(events)
    },
    end() {
      if (isOver) return
      isOver = true
      controller.close()
    },
  }
  return new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given
      },
      pull() {
        if (isStarted) return feed.resume()
        isStarted = true
        feed.start(sink)
      },
      cancel() {
        isOver = true
        feed.cancel()
      },
    },
    // Nothing is read ahead: `pull` is called when the reader waits.
    new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
  )
}

/** The events of a body. */
function feedOf(body: ReadableStream<Uint8Array>): Feed {
  const reader = body.getReader()
  const split = wholeEvents()
  let sink: Sink | null = null
  let isOver = false
  let isReading = false

  async function read(): Promise<void> {
    if (isReading) return
    isReading = true
    while (!isOver) {
      const { value } = await reader.read().catch(() => ({ value: undefined }))
      if (isOver) break
      if (value === undefined) {
        isOver = true
        sink?.end()
        break
      }
      const events = split(value)
      if (events.length === 0) continue
      isReading = false
      sink?.write(concat(events))
      return
    }
    isReading = false
  }

  return {
    start(given) {
      sink = given
      void read()
    },
    resume: () => void read(),
    cancel() {
      isOver = true
      reader.cancel().catch(() => {})
    },
  }
}
