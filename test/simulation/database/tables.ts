// The tables of the server's schema in memory, with the uncommitted changes of each transaction.

export interface DocumentRow {
  readonly docId: string
  readonly segment: number
  readonly segmentOpenedAt: number
  readonly createdAt: number
  readonly deletedAt: number | null
  readonly keepHistory: boolean
}

export interface UpdateRow {
  readonly seq: number
  readonly docId: string
  readonly segment: number
  readonly batchId: string | null
  /** The update in Yjs v1; empty for a seal. */
  readonly data: Uint8Array
  readonly structs: number | null
  readonly createdAt: number
}

export interface SnapshotRow {
  readonly seq: number
  readonly docId: string
  readonly throughSegment: number | null
  /** The snapshot in Yjs v2. */
  readonly data: Uint8Array
  readonly structs: number | null
  readonly keepHistory: boolean
  readonly label: string | null
  readonly createdBy: string | null
  readonly foldedRows: number
  readonly foldedBytes: number
  readonly createdAt: number
}

export interface PresenceRow {
  readonly docId: string
  readonly clientId: number
  readonly data: Uint8Array
  readonly updatedAt: number
}

export interface UsageRow {
  readonly docId: string
  readonly bytes: number
  readonly rows: number
  readonly versions: number
}

/** The rows of each table by their keys. */
export interface Tables {
  documents: DocumentRow
  updates: UpdateRow
  snapshots: SnapshotRow
  presence: PresenceRow
  usage: UsageRow
}

export type TableName = keyof Tables
export const TABLE_NAMES = ['documents', 'updates', 'snapshots', 'presence', 'usage'] as const

/** One committed change of one row; `after` is null for a deletion, `before` for an insertion. */
export interface Change<Name extends TableName = TableName> {
  readonly table: Name
  readonly before: Tables[Name] | null
  readonly after: Tables[Name] | null
}

/** One committed transaction, in the order in which readers of the log see them. */
export interface Commit {
  /** The position in the log, from 1. */
  readonly lsn: number
  readonly changes: readonly Change[]
}

type Key = string | number

/** The rows of one table, in the order of insertion. */
export class Table<Row> {
  readonly rows = new Map<Key, Row>()
}

/** The changes of a transaction in one table: rows by key, null for deleted ones. */
export type Pending<Row> = Map<Key, Row | null>

export const presenceKey = (docId: string, clientId: number): string => `${clientId}/${docId}`

export const keyOf = <Name extends TableName>(table: Name, row: Tables[Name]): Key => {
  switch (table) {
    case 'updates':
    case 'snapshots':
      return (row as UpdateRow).seq
    case 'presence':
      return presenceKey((row as PresenceRow).docId, (row as PresenceRow).clientId)
    default:
      return (row as DocumentRow).docId
  }
}
