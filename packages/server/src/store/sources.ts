import type pg from 'pg'
import { type ReadOptions, readDocument } from './document.ts'
import type { PackedRows } from './packed-rows.ts'

/** The rows that make up a document now, in one consistent read. */
export interface DocumentSources {
  readonly activeSegment: number
  readonly createdAt: Date
  readonly deletedAt: Date | null
  /** Whether every fold of the document keeps deleted content. */
  readonly keepHistory: boolean
  /** The newest snapshot row that is part of the state. */
  readonly snapshot: {
    readonly seq: number
    readonly throughSegment: number
    readonly data: Uint8Array
    readonly createdAt: Date
    readonly structs: number
  } | null
  /** Update rows after it, without seals. */
  readonly rows: PackedRows
  /** When the newest of these rows was written. */
  readonly changedAt: Date | null
  /** Sealed segments that are not folded. */
  readonly sealedSegments: number
  /** How many structs the snapshot row and the update rows hold. */
  readonly structs: number
}

/**
 * Reads the rows of a document; null if nothing was ever stored for it.
 * @throws {RequestError} document_too_large
 */
export async function readSources(
  pool: pg.Pool,
  docId: string,
  options: ReadOptions = {},
): Promise<DocumentSources | null> {
  const read = await readDocument(pool, docId, { kind: 'after-snapshot' }, null, options)
  if (read === null) return null
  const { snapshot, activeSegment } = read
  return {
    ...read,
    snapshot: snapshot === null ? null : { ...snapshot, data: snapshot.data ?? new Uint8Array() },
    sealedSegments: Math.max(0, activeSegment - (snapshot?.throughSegment ?? -1) - 1),
  }
}
