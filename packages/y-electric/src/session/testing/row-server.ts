// The server of one document as an array of rows, with the routes that a session uses.
import * as Y from 'yjs'
import type { HttpInit } from '../../io/http.ts'
import { foldRows } from '../../protocol/fold.ts'
import { STATE_MEDIA_TYPE } from '../../protocol/headers.ts'
import { encodeState, type SnapshotRow, type UpdateRow } from '../../protocol/state-frames.ts'

interface StoredRow extends UpdateRow {
  readonly batchId: string
}

/** Bytes in the format in which Postgres writes bytea. */
const hex = (data: Uint8Array): string =>
  `\\x${[...data].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`

/**
 * Electric's client remembers the cursors of a process, and takes an answer with a known cursor for
 * a cached one. So the servers of all tests share one counter.
 */
let answers = 0

export class RowServer {
  /** The rows that are not folded. */
  rows: StoredRow[] = []
  #snapshot: SnapshotRow | null = null
  readonly #seqs = new Map<string, number>()
  readonly #seals = new Map<number, number>()
  #active = 0
  #seq = 0
  #polls: (() => void)[] = []

  /** The document as a client sees it that joins now. */
  joined(): Y.Doc {
    const doc = new Y.Doc({ guid: 'server' })
    doc.transact(() => {
      if (this.#snapshot?.data) Y.applyUpdateV2(doc, this.#snapshot.data)
      for (const { data } of this.rows) Y.applyUpdate(doc, data)
    })
    return doc
  }

  /** Seals the active segment. */
  roll(): void {
    this.#seals.set(this.#active, ++this.#seq)
    this.#active++
    this.#wake()
  }

  /** Folds all sealed segments. */
  fold(): void {
    if (this.#active === 0) return
    const sealed = this.rows.filter(({ segment }) => segment < this.#active)
    const previous = this.#snapshot?.data ?? null
    const { doc, carried } = foldRows({ previous, rows: sealed }, true)
    const data = Y.encodeStateAsUpdateV2(doc)
    this.#snapshot = { seq: ++this.#seq, throughSegment: this.#active - 1, data }
    const left = this.rows.filter((row) => !sealed.includes(row))
    const moved = sealed.filter((row) => carried.includes(row))
    this.rows = [...moved.map((row) => ({ ...row, segment: this.#active })), ...left]
    this.#wake()
  }

  respond({ pathname, searchParams }: URL, init: HttpInit): Response | Promise<Response> {
    if (pathname.endsWith('/updates')) return this.#append(init)
    if (pathname.endsWith('/state')) return this.#state()
    return this.#shape(Number(pathname.split('/').at(-1)), searchParams, init)
  }

  #append({ headers, body }: HttpInit): Response {
    const batchId = new Headers(headers).get('idempotency-key') ?? ''
    const known = this.#seqs.get(batchId)
    if (known !== undefined) return Response.json({ seq: known }, { status: 200 })
    const seq = ++this.#seq
    this.#seqs.set(batchId, seq)
    this.rows.push({
      seq,
      segment: this.#active,
      batchId,
      data: new Uint8Array(body as Uint8Array),
    })
    this.#wake()
    return Response.json({ seq }, { status: 201 })
  }

  #state(): Response {
    const state = { activeSegment: this.#active, snapshot: this.#snapshot, rows: this.rows }
    const body = new Uint8Array(encodeState(state))
    return new Response(body, { headers: { 'content-type': STATE_MEDIA_TYPE } })
  }

  async #shape(segment: number, query: URLSearchParams, { signal }: HttpInit): Promise<Response> {
    const offset = query.get('offset') ?? '-1'
    const from = offset === '-1' ? 0 : Number(offset.split('_')[0])
    const isLive = query.get('live') === 'true'
    const news = () => this.#log(segment).filter(({ seq }) => seq > from)
    const isFolded = () => (this.#snapshot?.throughSegment ?? -1) >= segment
    while (isLive && news().length === 0 && !isFolded() && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        this.#polls.push(resolve)
        signal?.addEventListener('abort', () => resolve())
      })
    }
    if (isFolded()) {
      const error = { code: 'segment_folded', message: 'folded' }
      return Response.json({ error }, { status: 410 })
    }
    const inserts = news().map(({ seq, data }) => ({
      headers: { operation: 'insert' },
      key: `"${seq}"`,
      value: { seq: String(seq), data: hex(data) },
    }))
    return Response.json([...inserts, { headers: { control: 'up-to-date' } }], {
      headers: {
        'electric-handle': `segment-${segment}`,
        'electric-offset': `${news().at(-1)?.seq ?? from}_0`,
        'electric-cursor': String(++answers),
        'electric-up-to-date': '',
        'electric-schema': JSON.stringify({ seq: { type: 'int8' }, data: { type: 'bytea' } }),
      },
    })
  }

  #log(segment: number): { readonly seq: number; readonly data: Uint8Array }[] {
    const rows = this.rows.filter((row) => row.segment === segment)
    const seal = this.#seals.get(segment)
    return seal === undefined ? rows : [...rows, { seq: seal, data: new Uint8Array() }]
  }

  #wake(): void {
    for (const go of this.#polls.splice(0)) go()
  }
}
