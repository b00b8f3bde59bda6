import type pg from 'pg'
import { type NewestRows, newestComment } from 'y-electric/protocol'
import { readSegments, type SegmentKey } from '../store/index.ts'
import { type Feed, feedResponse, takeFeed } from '../streams/feed.ts'

/** Announces the newest rows to readers of live streams, so that they can detect missing rows. */
export interface Announcer {
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
    const answers = await readSegments(
      pool,
      segments.map(({ key }) => key),
    ).catch(() => [])
    for (const [i, { newest }] of answers.entries()) {
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

/** Each announcement is encoded once for all of its readers. */
const encoded = new WeakMap<NewestRows, { readonly text: string; readonly bytes: Uint8Array }>()
const encoder = new TextEncoder()

function encode(newest: NewestRows): { readonly text: string; readonly bytes: Uint8Array } {
  const known = encoded.get(newest)
  if (known !== undefined) return known
  const text = newestComment(newest)
  const made = { text, bytes: encoder.encode(text) }
  encoded.set(newest, made)
  return made
}

/**
 * The same event stream with announcements between its events: the first one at once, further ones at
 * every change.
 */
export function announcing(
  response: Response,
  first: NewestRows,
  subscribe: (tell: (newest: NewestRows) => void) => () => void,
): Response {
  const feed = takeFeed(response)
  if (feed === null) return response
  // A proxy in front of the shape service may have set Content-Length, but this answer is longer.
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  return feedResponse(announced(feed, first, subscribe), { status: response.status, headers })
}

function announced(
  feed: Feed,
  first: NewestRows,
  subscribe: (tell: (newest: NewestRows) => void) => () => void,
): Feed {
  let told = ''
  let untold: Uint8Array | null = null
  /** False while the reader has unread bytes. */
  let isReady = true
  let end = (): void => {}

  return {
    start(sink) {
      const tell = (newest: NewestRows): void => {
        const { text, bytes } = encode(newest)
        if (text === told) return
        told = text
        untold = bytes
        flush()
      }
      const flush = (): void => {
        if (untold === null || !isReady) return
        isReady = false
        sink.write(untold)
        untold = null
      }
      tell(first)
      end = subscribe(tell)
      this.resume = () => {
        isReady = true
        flush()
        feed.resume()
      }
      feed.start({
        write(events) {
          isReady = false
          sink.write(events)
        },
        end() {
          end()
          sink.end()
        },
      })
    },
    resume() {},
    cancel() {
      end()
      feed.cancel()
    },
  }
}
