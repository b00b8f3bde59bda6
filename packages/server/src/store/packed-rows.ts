import type { UpdateRow } from 'y-electric/protocol'

/**
 * Many update rows as five byte strings. A fold may read tens of thousands of rows: as objects they would
 * cost the event loop more than everything else, and again when they are sent to a worker.
 */
export interface PackedRows {
  readonly count: number
  /** int8, big-endian, concatenated. Segments and lengths are int4 in the same form. */
  readonly seqs: Uint8Array
  readonly segments: Uint8Array
  readonly lengths: Uint8Array
  /** 16 bytes each; all zero if a row has no batch id. */
  readonly batchIds: Uint8Array
  /** All data in order, in pieces as it was read: a piece holds several rows, or a part of one. */
  readonly data: readonly Uint8Array[]
}

/** Bytes of a packed row besides its data. */
export const PACKED_ROW_BYTES = 8 + 4 + 4 + 16

/** The aggregate over `seq`, `segment`, `batch_id` and `data` that makes {@link PackedRows}, without the data. */
export const PACK_KEYS = `
  count(*)::int AS count,
  coalesce(string_agg(int8send(seq), '' ORDER BY segment, seq), '') AS seqs,
  coalesce(string_agg(int4send(segment), '' ORDER BY segment, seq), '') AS segments,
  coalesce(string_agg(int4send(length(data)), '' ORDER BY segment, seq), '') AS lengths,
  coalesce(string_agg(uuid_send(coalesce(batch_id, '00000000-0000-0000-0000-000000000000')),
                      '' ORDER BY segment, seq), '') AS "batchIds"`

/** The data of the same rows. */
export const PACK_DATA = `coalesce(string_agg(data, '' ORDER BY segment, seq), '') AS data`

/** The key of a row, and the length of its data. */
export interface RowKey {
  readonly seq: number
  readonly segment: number
  readonly length: number
}

/** The keys of the rows, one by one. */
export function* rowKeys(rows: Omit<PackedRows, 'data'>): Generator<RowKey> {
  const seqs = viewOf(rows.seqs)
  const segments = viewOf(rows.segments)
  const lengths = viewOf(rows.lengths)
  for (let i = 0; i < rows.count; i++) {
    yield {
      seq: Number(seqs.getBigInt64(8 * i)),
      segment: segments.getInt32(4 * i),
      length: lengths.getInt32(4 * i),
    }
  }
}

/** The rows, one by one. Their data are views, except of rows in several pieces. */
export function unpackRows(rows: PackedRows): UpdateRow[] {
  const unpacked: UpdateRow[] = []
  for (const { seq, segment, views } of rowViews(rows)) {
    unpacked.push({ seq, segment, data: joined(views) })
  }
  return unpacked
}

/** A row whose data are one or several views of the pieces. */
export interface RowViews extends RowKey {
  readonly views: readonly Uint8Array[]
}

/** The rows, one by one, without copying their data. */
export function* rowViews(rows: PackedRows): Generator<RowViews> {
  let piece = 0
  let at = 0
  for (const key of rowKeys(rows)) {
    const views: Uint8Array[] = []
    for (let left = key.length; left > 0; ) {
      const view = rows.data[piece]?.subarray(at, at + left)
      if (view === undefined) throw new Error('there is less data than the keys say')
      if (view.byteLength === 0) {
        piece++
        at = 0
        continue
      }
      views.push(view)
      at += view.byteLength
      left -= view.byteLength
    }
    yield { ...key, views }
  }
}

/** Bytes of all pieces. */
export const bytesOf = (pieces: readonly Uint8Array[]): number =>
  pieces.reduce((sum, { byteLength }) => sum + byteLength, 0)

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first = NO_BYTES] = pieces
  return pieces.length < 2 ? first : Buffer.concat(pieces)
}

const NO_BYTES = new Uint8Array()

/** The batch id of the row at an index, if it has one. */
export function batchIdAt(
  { batchIds }: Pick<PackedRows, 'batchIds'>,
  index: number,
): string | null {
  const hex = Buffer.from(batchIds.subarray(16 * index, 16 * (index + 1))).toString('hex')
  if (/^0+$/.test(hex)) return null
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength)
