import type pg from 'pg'
import { type NewestRows, newestComment } from 'y-electric/protocol'
import { readNewestRows, type SegmentKey } from '../store/index.ts'

/** Announces the newest rows to readers of live streams, so that they can detect missing rows. */
export interface Announcer {
  /** The current newest rows. */
  read(segment: SegmentKey): Promise<NewestRows>
  /** Announces the newest rows of the segment at each interval. @returns a function that ends it */
  subscribe(segment: SegmentKey, tell: (newest: NewestRows) => void): () => void
}

interface Followed {
  readonly key: SegmentKey
  readonly readers: Set<(newest: NewestRows) => void>
}

/**
 * Makes an announcer with one database query per interval for all segments that clients follow through
 * this server, and no queries while no client follows any.
 */
export function createAnnouncer(pool: pg.Pool, everyMs: number): Announcer {
  const followed = new Map<string, Followed>()
  let isAsking = false

  async function tellAll(): Promise<void> {
    const segments = [...followed.values()]
    // While the database is unreachable there is nothing to announce.
    const answers = await readNewestRows(
      pool,
      segments.map(({ key }) => key),
    ).catch(() => [])
    for (const [i, newest] of answers.entries()) {
      for (const tell of segments[i]?.readers ?? []) tell(newest)
    }
  }

  function ask(): void {
    if (isAsking || followed.size === 0) return
    isAsking = true
    setTimeout(() => {
      void tellAll().finally(() => {
        isAsking = false
        ask()
      })
    }, everyMs)
  }

  return {
    async read(segment) {
      const [newest] = await readNewestRows(pool, [segment])
      if (newest === undefined) throw new Error('the query returned no row')
      return newest
    },
    subscribe(key, tell) {
      const name = `${key.segment}/${key.docId}`
      const entry = followed.get(name) ?? { key, readers: new Set() }
      followed.set(name, entry)
      entry.readers.add(tell)
      ask()
      return () => {
        entry.readers.delete(tell)
        if (entry.readers.size === 0 && followed.get(name) === entry) followed.delete(name)
      }
    },
  }
}

/** The most comments that are queued for a reader that does not read. */
const MAX_UNREAD_CHUNKS = 16

/**
 * The same event stream with announcements between its events: the first one at once, further ones at
 * every change.
 */
export function announcing(
  response: Response,
  first: NewestRows,
  subscribe: (tell: (newest: NewestRows) => void) => () => void,
): Response {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
  if (!isStream || response.body === null) return response
  const encoder = new TextEncoder()
  const reader = response.body.getReader()
  const tracker = trackEvents()
  let told = ''
  let untold: string | null = null
  let end = (): void => {}

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const tell = (newest: NewestRows): void => {
        const comment = newestComment(newest)
        if (comment === told) return
        told = comment
        untold = comment
        flush(controller)
      }
      tell(first)
      end = subscribe(tell)
    },
    async pull(controller) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        end()
        throw error
      })
      if (done) {
        end()
        controller.close()
        return
      }
      tracker.note(value)
      controller.enqueue(value)
      flush(controller)
    },
    cancel(reason) {
      end()
      return reader.cancel(reason)
    },
  })

  /** Sends announcements unless an event is incomplete. */
  function flush(controller: ReadableStreamDefaultController<Uint8Array>): void {
    if (untold === null || !tracker.isBetweenEvents()) return
    if ((controller.desiredSize ?? 0) < -MAX_UNREAD_CHUNKS) return
    controller.enqueue(encoder.encode(untold))
    untold = null
  }

  // A proxy in front of the shape service may have set Content-Length, but this answer is longer.
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  return new Response(body, { status: response.status, headers })
}

const LF = 10
const CR = 13

/** Tracks whether the last chunk ended with the blank line that ends an event. */
function trackEvents(): { note(chunk: Uint8Array): void; isBetweenEvents(): boolean } {
  let tail: readonly number[] = [LF, LF]
  return {
    note(chunk) {
      tail = [...tail, ...chunk.subarray(-4)].slice(-4)
    },
    isBetweenEvents() {
      const [last, before, third] = tail.toReversed()
      if (last === CR) return before === CR
      return last === LF && (before === LF || (before === CR && third === LF))
    },
  }
}
