// A double of the server for a simulation without processes: one document in memory. It answers writes,
// reads of state and long polls of segments like the real server, which test/browser/tabs-random.test.ts
// puts through the same events in Chromium.
import { randomUUID } from 'node:crypto'
import { encodeState, IDEMPOTENCY_KEY_HEADER, STATE_MEDIA_TYPE } from 'y-electric/protocol'
import * as Y from 'yjs'
import type { StoredRows } from '../harness/oracle.ts'
import { NOBODY, type Timeline } from '../simulation/kernel/timeline.ts'
import type { Serve } from './browser.ts'

export interface Row {
  readonly seq: number
  readonly segment: number
  /** The update; empty for the seal. */
  readonly data: Uint8Array
}

/** The longest time of a long poll without news, in milliseconds. */
const POLL_MS = 20_000

export class MemoryServer {
  readonly #timeline: Timeline
  #rows: Row[] = []
  /** Every row ever stored, folded or not, without seals. */
  readonly history: Row[] = []
  #snapshot: { readonly through: number; readonly data: Uint8Array } | null = null
  #segment = 0
  #seq = 0
  readonly #batches = new Map<string, number>()
  readonly #handles = new Map<number, string>()
  readonly #news = new Set<() => void>()
  /** If true, live polls are held for their whole time even if there are new rows. */
  isSilent = false
  /** Increases with every change of the stored rows. */
  version = 0

  constructor(timeline: Timeline) {
    this.#timeline = timeline
  }

  stored(): StoredRows {
    const updates = this.#rows.map(({ data }) => data)
    return this.#snapshot === null ? { updates } : { updates, snapshot: this.#snapshot.data }
  }

  /** Seals the active segment and opens the next, unless it is empty. */
  roll(): void {
    if (!this.#rows.some(({ segment }) => segment === this.#segment)) return
    this.#append(this.#segment, new Uint8Array())
    this.#segment += 1
  }

  /** Replaces the sealed segments by a snapshot row. */
  fold(): void {
    const sealed = this.#rows.filter(({ segment }) => segment < this.#segment)
    if (sealed.length === 0) return
    const doc = new Y.Doc({ guid: 'server' })
    if (this.#snapshot !== null) Y.applyUpdateV2(doc, this.#snapshot.data)
    for (const { data } of sealed) if (data.byteLength > 0) Y.applyUpdate(doc, data)
    if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) return
    this.#snapshot = { through: this.#segment - 1, data: Y.encodeStateAsUpdateV2(doc) }
    this.#rows = this.#rows.filter(({ segment }) => segment === this.#segment)
    this.version += 1
    doc.destroy()
  }

  readonly serve: Serve = async (url, init) => {
    const [, route = '', number = ''] = /\/docs\/[^/]+\/(\w+)(?:\/(\d+))?$/.exec(url.pathname) ?? []
    if (route === 'updates') return this.#write(init)
    if (route === 'state') return this.#state()
    return this.#poll(Number(number), url, init.signal)
  }

  #append(segment: number, data: Uint8Array): number {
    const row = { seq: ++this.#seq, segment, data }
    this.#rows.push(row)
    this.version += 1
    if (data.byteLength > 0) this.history.push(row)
    for (const tell of [...this.#news]) tell()
    return row.seq
  }

  #write(init: RequestInit): Response {
    const batchId = new Headers(init.headers).get(IDEMPOTENCY_KEY_HEADER) ?? ''
    const before = this.#batches.get(batchId)
    if (before !== undefined) return Response.json({ seq: before }, { status: 200 })
    const seq = this.#append(this.#segment, init.body as Uint8Array)
    this.#batches.set(batchId, seq)
    return Response.json({ seq }, { status: 201 })
  }

  #state(): Response {
    const rows = this.#rows.filter(({ data }) => data.byteLength > 0)
    const snapshot =
      this.#snapshot === null
        ? null
        : {
            seq: this.#snapshot.through + 1,
            throughSegment: this.#snapshot.through,
            ...this.#snapshot,
          }
    const state = encodeState({ activeSegment: this.#segment, snapshot, rows })
    return new Response(new Uint8Array(state), { headers: { 'content-type': STATE_MEDIA_TYPE } })
  }

  async #poll(
    segment: number,
    url: URL,
    signal: AbortSignal | null | undefined,
  ): Promise<Response> {
    if (segment > this.#segment) return refusal(404, 'segment_not_opened')
    if (segment <= (this.#snapshot?.through ?? -1)) return refusal(410, 'segment_folded')
    const rows = () => this.#rows.filter((row) => row.segment === segment)
    const offset = url.searchParams.get('offset') ?? '-1'
    const from = offset === '-1' ? 0 : Number(offset.split('_')[0])
    const isLive = url.searchParams.get('live') === 'true'
    const isNews = () => rows().length > from && !this.isSilent
    if (isLive && !isNews()) await this.#somethingNew(isNews, signal)
    // The segment was folded during the wait. As with the log of a shape, the follower gets 410.
    if (segment <= (this.#snapshot?.through ?? -1)) return refusal(410, 'segment_folded')
    return this.#shape(segment, rows(), from, isLive)
  }

  #somethingNew(isThere: () => boolean, signal: AbortSignal | null | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#news.delete(look)
        cancel()
        resolve()
      }
      const look = () => {
        if (isThere()) done()
      }
      const cancel = this.#timeline.after(POLL_MS, NOBODY, done)
      this.#news.add(look)
      signal?.addEventListener('abort', done)
    })
  }

  #shape(segment: number, rows: readonly Row[], from: number, isLive: boolean): Response {
    const handle = this.#handles.get(segment) ?? randomUUID()
    this.#handles.set(segment, handle)
    const messages = rows.slice(from).map(({ seq, data }) => ({
      key: `"public"."ydoc_update"/"${seq}"`,
      value: { seq: String(seq), data: `\\x${Buffer.from(data).toString('hex')}` },
      headers: { operation: 'insert', lsn: String(seq), op_position: 0, last: true },
    }))
    const end = { headers: { control: 'up-to-date', global_last_seen_lsn: String(this.#seq) } }
    return Response.json([...messages, end], {
      headers: {
        'electric-handle': handle,
        'electric-offset': `${rows.length}_0`,
        'electric-schema': '{"seq":{"type":"int8"},"data":{"type":"bytea"}}',
        'electric-up-to-date': '',
        ...(isLive ? { 'electric-cursor': String(this.#seq) } : {}),
      },
    })
  }
}

const refusal = (status: number, code: string): Response =>
  Response.json({ error: { code, message: 'by the simulation' } }, { status })
