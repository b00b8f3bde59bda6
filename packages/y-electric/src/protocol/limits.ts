/** Every limit of the protocol: a named default, and an option of the same name on the server. */

/** Largest update that a server stores in one row, in bytes. */
export const MAX_UPDATE_BYTES = 1024 * 1024

/**
 * Most structs of an update that a server stores in one row. A range of deletes counts as one; see
 * `DecodingLimits` for the rest. The provider cuts larger edits.
 */
export const MAX_UPDATE_STRUCTS = 100_000

/** Most structs of a document that is imported. */
export const MAX_DOCUMENT_STRUCTS = 500_000

/**
 * Most structs of a document that a client applies: more, since a document grows after its import.
 * State is applied in one transaction, about 3 µs per struct, which blocks the thread for up to 3
 * s. It is not applied in slices: between two of them an editor would show a part of the document,
 * and y-prosemirror deletes nodes that its schema does not allow in that partial state. Those
 * deletes would be sent as edits.
 */
export const MAX_STATE_STRUCTS = 1_000_000

/** Longest document id, in UTF-16 code units. */
export const MAX_DOC_ID_LENGTH = 200

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
const FORBIDDEN_IN_DOC_ID = /[\u0000-\u001f\u007f]/

const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * Describes what is wrong with a document id; null if it is valid. `.` and `..` are refused because
 * URL parsers remove them, even when percent-encoded.
 */
export function docIdProblem(docId: string): string | null {
  if (docId.length === 0) return 'a document id cannot be empty'
  if (docId.length > MAX_DOC_ID_LENGTH) {
    return `a document id has at most ${MAX_DOC_ID_LENGTH} characters, this one has ${docId.length}`
  }
  if (FORBIDDEN_IN_DOC_ID.test(docId)) return 'a document id cannot contain control characters'
  if (docId === '.' || docId === '..') return `a document id cannot be "${docId}"`
  if (LONE_SURROGATE.test(docId)) return 'a document id must be well-formed Unicode'
  return null
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** True when the text is a UUID of any version, which is what a `batchId` must be. */
export function isBatchId(text: string): boolean {
  return UUID.test(text)
}
