import { offsetOfBacklog } from 'y-electric/protocol'

/** Events of a part of a joint stream, under its number. */
export interface NamedEvents {
  readonly bytes: Uint8Array
  /** The position in the log that the part has reached; null: unchanged. */
  readonly reached: string | null
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const LSN = /"global_last_seen_lsn":\s*"?(\d+)"?/

/** The same bytes go to many joint streams, mostly under the same few numbers: they are encoded once. */
const encoded = new WeakMap<Uint8Array, Map<number, NamedEvents>>()

/** @param events whole events */
export function namedEvents(events: Uint8Array, stream: number): NamedEvents {
  let byStream = encoded.get(events)
  if (byStream === undefined) {
    byStream = new Map()
    encoded.set(events, byStream)
  }
  let named = byStream.get(stream)
  if (named === undefined) {
    named = name(decoder.decode(events), stream)
    byStream.set(stream, named)
  }
  return named
}

function name(text: string, stream: number): NamedEvents {
  const events = text.split(/\r\n\r\n|\n\n|\r\r/).filter((event) => event !== '')
  const bytes = encoder.encode(events.map((event) => `event: ${stream}\n${event}\n\n`).join(''))
  const last = events.findLast((event) => LSN.test(event)) ?? ''
  const lsn = LSN.exec(last)?.[1]
  const reached = offsetOfBacklog(last) ?? (lsn === undefined ? null : `${lsn}_0`)
  return { bytes, reached }
}
