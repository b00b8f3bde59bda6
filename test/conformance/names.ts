// Puts names in the place of what differs from run to run, for a recording. The other way round:
// placeholders.ts.
import type { Json, TranscriptResponse } from './transcript.ts'

type JsonObject = { readonly [key: string]: Json }

/** Of the metadata of a subset; each may be anything. */
const METADATA = ['snapshot_mark', 'database_lsn', 'xmax', 'xmin'] as const

/** In a control message and in a row's headers, by key; each may be anything. */
const UNNUMBERED: Readonly<Record<string, string>> = {
  global_last_seen_lsn: '<lsn>',
  xmax: '<xid>',
  xmin: '<xid>',
  snapshot_mark: '<mark>',
}

/** One value has one name throughout a transcript, numbered by first appearance. */
export class Names {
  readonly #known = new Map<string, Map<string, string>>()

  inResponse(response: TranscriptResponse): TranscriptResponse {
    const headers = this.#inHeaders(response.headers)
    const { status, body, events } = response
    return {
      status,
      headers,
      ...(body !== undefined && { body: this.#inBody(body) }),
      ...(events !== undefined && { events: events.map((event) => this.#inMessage(event)) }),
    }
  }

  #inHeaders(headers: TranscriptResponse['headers']): Record<string, Json> {
    const named: Record<string, Json> = { ...headers }
    const handle = headers['electric-handle']
    if (typeof handle === 'string') named['electric-handle'] = this.#name('handle', handle)
    const offset = headers['electric-offset']
    if (typeof offset === 'string') named['electric-offset'] = this.#inOffset(offset)
    if (typeof headers['electric-cursor'] === 'string') named['electric-cursor'] = '<cursor>'
    if (typeof headers.etag === 'string') named.etag = this.#inEtag(headers.etag)
    return named
  }

  /** `"handle:from:to"`, and behind it a number that no two answers share. */
  #inEtag(etag: string): string {
    const [handle = '', ...places] = etag.replaceAll('"', '').split(':')
    if (handle === '') return etag
    const [from, to, ...nonce] = places
    const rest = [from, to].flatMap((place) => (place === undefined ? [] : this.#inOffset(place)))
    return `"${[this.#name('handle', handle), ...rest, ...nonce].join(':')}"`
  }

  /** `0_…` is within the snapshot, the same each time. */
  #inOffset(offset: string): string {
    const match = /^([1-9]\d*)_(\d+|inf)$/.exec(offset)
    return match === null ? offset : `${this.#name('lsn', match[1] ?? '')}_${match[2]}`
  }

  #inBody(body: Json): Json {
    if (Array.isArray(body)) return body.map((message: Json) => this.#inMessage(message))
    if (!isObject(body) || !isObject(body.metadata) || !Array.isArray(body.data)) return body
    const names = Object.fromEntries(METADATA.map((key) => [key, `<${key}>`]))
    return {
      ...body,
      metadata: { ...body.metadata, ...names },
      data: body.data.map((message: Json) => this.#inMessage(message)),
    }
  }

  /** Only its headers: a row's own columns may be called anything. */
  #inMessage(message: Json): Json {
    if (!isObject(message) || !isObject(message.headers)) return message
    const headers = Object.entries(message.headers).map(([key, value]): [string, Json] => {
      const unnumbered = UNNUMBERED[key]
      if (unnumbered !== undefined) return [key, unnumbered]
      if (key === 'lsn') return [key, this.#name('lsn', String(value))]
      if (key === 'txids' && Array.isArray(value)) {
        return [key, value.map((txid: Json) => this.#name('txid', String(txid)))]
      }
      return [key, value]
    })
    return { ...message, headers: Object.fromEntries(headers) }
  }

  #name(kind: string, value: string): string {
    const names = this.#known.get(kind) ?? new Map<string, string>()
    this.#known.set(kind, names)
    const name = names.get(value) ?? `<${kind}-${names.size + 1}>`
    names.set(value, name)
    return name
  }
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
