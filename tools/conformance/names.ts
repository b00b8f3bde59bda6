// For a recording, replaces values that differ from run to run by names. placeholders.ts does the reverse.
import type { Json, TranscriptResponse } from './transcript.ts'

type JsonObject = { readonly [key: string]: Json }

/** Fields in the metadata of a subset that may have any value. */
const METADATA = ['snapshot_mark', 'database_lsn', 'xmax', 'xmin'] as const

/** Fields in a control message and in a row's headers that may have any value, by key. */
const UNNUMBERED: Readonly<Record<string, string>> = {
  global_last_seen_lsn: '<lsn>',
  xmax: '<xid>',
  xmin: '<xid>',
  snapshot_mark: '<mark>',
}

/** A value has the same name in the whole transcript; names are numbered in the order of their first use. */
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

  /** `"handle:from:to"`, optionally followed by a number that is unique to each response. */
  #inEtag(etag: string): string {
    const [handle = '', ...places] = etag.replaceAll('"', '').split(':')
    if (handle === '') return etag
    const [from, to, ...nonce] = places
    const rest = [from, to].flatMap((place) => (place === undefined ? [] : this.#inOffset(place)))
    return `"${[this.#name('handle', handle), ...rest, ...nonce].join(':')}"`
  }

  /** Offsets `0_…` are within the snapshot and equal in every run. */
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

  /** Replaces only values in the headers of a message, because a row's columns may have any name. */
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
