import { RequestError } from '@y-electric/server'
import { toHexString } from 'lib0/buffer'
import { digest } from 'lib0/hash/sha256'
import { utf8TextEncoder } from 'lib0/string'
import {
  contentOfDoc,
  guardMapEntries,
  type IdRanges,
  integrateWithin,
  isEmptyIds,
  subtractIds,
  TooMuchError,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import { type ContentBounds, refusalOfContent, type Version, versionOfDoc } from './bounds.ts'
import { judgedUpdate, requireWhole } from './read.ts'
import { documentToJson } from './shared.ts'
import { requireStorable } from './storable.ts'

/** An update of another store. */
export interface ForeignUpdate {
  readonly format: 'update' | 'update-v2'
  readonly data: Uint8Array
}

/**
 * The values by which two documents are compared. Documents with equal fingerprints have the same edits, deletes and
 * content.
 */
export interface Fingerprint {
  /** Yjs' state vector, in hex: how many edits of which client. */
  readonly stateVector: string
  /** SHA-256 of the deleted ids, in hex. */
  readonly deleteSet: string
  /** SHA-256 of the content as JSON with sorted keys, in hex. */
  readonly content: string
}

/** The updates of one document as one version, and its fingerprint. */
export interface JoinedDocument {
  readonly version: Version
  readonly fingerprint: Fingerprint
}

/**
 * Joins the updates of a foreign store. Each one passes the check of a row before Yjs sees it, since a store may be
 * damaged or hostile.
 * @throws {RequestError} `invalid_content`, naming the update; `document_too_large`, `unsupported_yjs`
 */
export function joinUpdates(
  updates: readonly ForeignUpdate[],
  bounds?: ContentBounds,
): JoinedDocument {
  const doc = joined(updates, bounds)
  try {
    return { version: versionOfDoc(doc, bounds), fingerprint: fingerprintOf(doc) }
  } finally {
    doc.destroy()
  }
}

/** True if a stored document has every edit and every delete of these updates. @throws {RequestError} as `joinUpdates` */
export function containsUpdates(
  stored: Y.Doc,
  updates: readonly ForeignUpdate[],
  bounds?: ContentBounds,
): boolean {
  const doc = joined(updates, bounds)
  try {
    const [all, part] = [contentOfDoc(stored), contentOfDoc(doc)]
    return (
      isEmptyIds(subtractIds(part.structs, all.structs)) &&
      isEmptyIds(subtractIds(part.deletes, all.deletes))
    )
  } finally {
    doc.destroy()
  }
}

export function fingerprintOf(doc: Y.Doc): Fingerprint {
  return {
    stateVector: toHexString(Y.encodeStateVector(doc)),
    deleteSet: hashOf(textOfIds(contentOfDoc(doc).deletes)),
    content: hashOf(JSON.stringify(documentToJson(doc, {}), sortedKeys)),
  }
}

export const isSameFingerprint = (one: Fingerprint, other: Fingerprint): boolean =>
  one.stateVector === other.stateVector &&
  one.deleteSet === other.deleteSet &&
  one.content === other.content

/**
 * Applies the updates to one document. Deleted content is kept, so that the comparison covers it and the history of the
 * store is not lost.
 */
function joined(updates: readonly ForeignUpdate[], bounds?: ContentBounds): Y.Doc {
  const doc = new Y.Doc({ guid: 'joined', gc: false })
  guardMapEntries(doc)
  try {
    for (const [index, update] of updates.entries()) {
      try {
        integrate(doc, update, bounds)
      } catch (error) {
        throw named(error, index, updates.length)
      }
    }
    requireWhole(doc)
    requireStorable(doc)
    return doc
  } catch (error) {
    doc.destroy()
    throw error
  }
}

function integrate(doc: Y.Doc, { format, data }: ForeignUpdate, bounds?: ContentBounds): void {
  const { update, structs } = judgedUpdate(format, data, bounds)
  try {
    integrateWithin(structs, () => Y.applyUpdate(doc, update))
  } catch (error) {
    throw error instanceof TooMuchError ? refusalOfContent(error) : error
  }
}

/** Adds the position of the update to the error, so that the owner of the store can find the update. */
function named(cause: unknown, index: number, count: number): RequestError {
  const { code, message } =
    cause instanceof RequestError
      ? cause
      : { code: 'invalid_content' as const, message: (cause as Error).message }
  return new RequestError(code, `update ${index + 1} of ${count}: ${message}`, { cause })
}

const hashOf = (text: string): string => toHexString(digest(utf8TextEncoder.encode(text)))

function textOfIds({ clients }: IdRanges): string {
  const lines = [...clients]
    .sort(([a], [b]) => a - b)
    .map(
      ([client, ranges]) => `${client}:${ranges.map(({ clock, len }) => `${clock}+${len}`).join()}`,
    )
  return lines.join(';')
}

/** Sorts keys, because the key order of a map may differ between two documents with the same edits. */
const sortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
