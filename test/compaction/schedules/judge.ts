// Watches the tables of one document after every statement, through a separate connection, and
// reports which rule was broken.
import type pg from 'pg'
import { foldRows, type UpdateRow } from 'y-electric/protocol'
import * as Y from 'yjs'

interface Seen {
  readonly active: number
  readonly through: number
  readonly sealed: Map<number, string>
  readonly doc: string
}

export class RuleBroken extends Error {}

interface Stored {
  active: number
  through: number
  snapshot: Uint8Array | null
  rows: (UpdateRow & { batchId: string | null })[]
}

export class Judge {
  readonly #pool: pg.Pool
  readonly #docId: string
  readonly #acked: { update: Uint8Array; batchId: string }[] = []
  #seen: Seen | null = null

  constructor(pool: pg.Pool, docId: string) {
    this.#pool = pool
    this.#docId = docId
  }

  /** Records an acked edit, which must be stored at every later moment. */
  acked(update: Uint8Array, batchId: string): void {
    this.#acked.push({ update, batchId })
  }

  /** The updates that a joiner which asks now must have. */
  promised(): readonly Uint8Array[] {
    return this.#acked.map(({ update }) => update)
  }

  async look(): Promise<void> {
    const stored = await this.#read()
    this.#requireKept(stored)
    const now = seenOf(stored)
    const before = this.#seen
    this.#seen = now
    if (before === null) return
    for (const [segment, rows] of before.sealed) {
      const isFolded = segment <= now.through
      const left = now.sealed.get(segment)
      if (isFolded ? left !== undefined : left !== rows) {
        throw new RuleBroken(`SEG-1: segment ${segment} was ${rows}, is ${left}`)
      }
    }
    if (now.through !== before.through && now.doc !== before.doc) {
      throw new RuleBroken('FOLD-1: a fold changed the document')
    }
  }

  #requireKept({ snapshot, rows }: Stored): void {
    const batches = new Set(rows.map(({ batchId }) => batchId))
    const { doc } = foldRows({ previous: snapshot, rows: [] }, true)
    for (const { update, batchId } of this.#acked) {
      if (batches.has(batchId)) continue
      if (!contains(doc, update)) throw new RuleBroken(`KEEP-1: batch ${batchId} is lost`)
    }
    doc.destroy()
  }

  async #read(): Promise<Stored> {
    const { rows } = await this.#pool.query<{
      kind: string
      seq: string
      segment: number
      batch_id: string | null
      data: Buffer | null
    }>(
      `SELECT 'document' AS kind, 0::bigint AS seq, segment, NULL::uuid AS batch_id,
              NULL::bytea AS data
       FROM ydoc_document WHERE doc_id = $1
       UNION ALL
       (SELECT 'snapshot', seq, through_segment, NULL, data FROM ydoc_snapshot
        WHERE doc_id = $1 AND through_segment IS NOT NULL ORDER BY through_segment DESC LIMIT 1)
       UNION ALL SELECT 'update', seq, segment, batch_id, data FROM ydoc_update WHERE doc_id = $1`,
      [this.#docId],
    )
    const stored: Stored = { active: 0, through: -1, snapshot: null, rows: [] }
    for (const { kind, seq, segment, batch_id, data } of rows) {
      const bytes = new Uint8Array(data ?? [])
      if (kind === 'document') stored.active = segment
      else if (kind === 'snapshot') Object.assign(stored, { through: segment, snapshot: bytes })
      else stored.rows.push({ seq: Number(seq), segment, batchId: batch_id, data: bytes })
    }
    stored.rows.sort((a, b) => a.segment - b.segment || a.seq - b.seq)
    return stored
  }
}

/** Includes seals. A segment is sealed if its seal is stored, or a later segment is active. */
function seenOf({ active, through, snapshot, rows }: Stored): Seen {
  const sealed = new Map<number, string>()
  for (const { seq, segment, data } of rows) {
    if (segment >= active && !rows.some((row) => row.segment === segment && isSeal(row))) continue
    const entry = isSeal({ data }) ? `seal ${seq}` : `${seq}`
    sealed.set(segment, `${sealed.get(segment) ?? ''} ${entry}`)
  }
  const updates = rows.filter((row) => !isSeal(row))
  const { doc, carried } = foldRows({ previous: snapshot, rows: updates }, true)
  const shown = Buffer.from(Y.encodeStateAsUpdateV2(doc)).toString('base64')
  doc.destroy()
  return { active, through, sealed, doc: `${shown} ${carried.map(({ data }) => data).sort()}` }
}

const isSeal = ({ data }: Pick<UpdateRow, 'data'>): boolean => data.byteLength === 0

/** True if a document has everything that an update inserts and deletes. */
export function contains(doc: Y.Doc, update: Uint8Array): boolean {
  const { structs, ds } = Y.decodeUpdate(update)
  const known = Y.createDeleteSetFromStructStore(doc.store)
  const hasStructs = structs.every(
    ({ id, length }) => Y.getState(doc.store, id.client) >= id.clock + length,
  )
  const hasDeletes = [...ds.clients].every(([client, ranges]) =>
    ranges.every(({ clock, len }) =>
      Array.from({ length: len }, (_, i) => Y.createID(client, clock + i)).every((id) =>
        Y.isDeleted(known, id),
      ),
    ),
  )
  return hasStructs && hasDeletes
}
