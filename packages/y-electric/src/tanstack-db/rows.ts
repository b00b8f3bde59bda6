/** A document in a list. */
export type DocumentRow = {
  /** Its id, which is the key. */
  docId: string
  /** The title that lists show; null if nobody gave one. It is not a part of the document's content. */
  title: string | null
  /** ISO 8601. */
  createdAt: string
  /** Whether every fold keeps deleted content. */
  keepHistory: boolean
}

/** A version of a document that was kept under a name. */
export type VersionRow = {
  /** The number of its snapshot row, which is the key; negative until the server has stored it. */
  seq: number
  label: string
  /** The user who kept it; null if the server does not know users. */
  createdBy: string | null
  /** How large the stored version is, in bytes; 0 until the server has stored it. */
  bytes: number
  /** ISO 8601. */
  createdAt: string
}

/**
 * A new document, to insert into the collection of documents.
 * @param docId Default: a random UUID
 */
export const newDocument = (
  title: string | null = null,
  docId: string = crypto.randomUUID(),
): DocumentRow => ({ docId, title, createdAt: new Date().toISOString(), keepHistory: false })

let last = 0

/** A version of the document as it is on the server now, to insert into the collection of its versions. */
export const newVersion = (label: string): VersionRow => ({
  // The server numbers versions from 1 on.
  seq: --last,
  label,
  createdBy: null,
  bytes: 0,
  createdAt: new Date().toISOString(),
})

/** The columns of the shapes, and the members of rows. */
export const MEMBERS: Readonly<Record<string, string>> = {
  doc_id: 'docId',
  created_at: 'createdAt',
  created_by: 'createdBy',
  keep_history: 'keepHistory',
}

/** Reads the values that Electric's client would leave as text or make a BigInt. */
export const PARSERS = {
  int8: Number,
  timestamptz: (text: string): string => new Date(isoTime(text)).toISOString(),
}

/** Postgres writes `2026-01-31 12:00:00.5+00`. */
const isoTime = (text: string): string => text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')
