/** The faults that `verify` finds, and the remedy for each. */
export const REMEDIES = {
  /** An update row is bad: it does not decode, or it holds content that Yjs cannot use. */
  row_unreadable:
    'No reader applies it, and it hides no other row. With repair it is moved into ydoc_set_aside. If other rows wait for its edits, the sound part of it is appended as a new row. A backup may have it whole.',
  /** An update row is sound, but Yjs throws when it is applied together with the others. */
  row_breaks:
    'The server leaves it out, and folds the others. With repair it is moved into ydoc_set_aside.',
  /** An update row waits for edits that no row has. */
  row_waits:
    'It takes effect as soon as these edits are stored: a client that has them sends them when it connects. A backup may have the row that is missing.',
  /** Two rows hold different content under the same ids. */
  row_conflicts:
    'One of them is not what a client wrote, or belongs to another document. Compare with a backup; readers apply the one that they read first.',
  /** The same batch is also a row of another document. Found only with `searchOthers`. */
  row_foreign:
    'The row belongs to only one of the two documents. Compare with a backup, and delete the row where it does not belong.',
  /** An update row lies in a segment that was folded, or was not opened yet. */
  row_misplaced:
    'No reader reads it there. If its edits are missing, append its data again with ydoc_append, and then delete it.',
  /** A sealed segment does not end with a seal. */
  seal_missing:
    'Live followers cannot cross to the next segment until it is folded: run compact. Rows that were lost with it are in a backup.',
  /** A seal is in the active segment, or rows follow the seal. */
  seal_misplaced:
    'Live followers leave the segment there. Delete the seal, or run compact if the segment is not the active one.',
  /** A snapshot row does not decode, or is not whole. */
  snapshot_unreadable:
    'The newest one is most of the document: bring the row back from a backup; older ones can be read with "at". With repair, an older one is moved into ydoc_set_aside.',
  /** A snapshot row decodes, but a part of it cannot be used. */
  snapshot_partly_bad:
    'Readers use the rest of it. With repair it is rewritten without that part, and the old row is moved into ydoc_set_aside.',
  /** A snapshot row lacks what an older one holds. */
  snapshot_lacks:
    'Read the older one with "at", and import or restore what is missing; a backup may have the row whole.',
  /** The numbers in a snapshot row contradict each other. */
  snapshot_implausible:
    'The numbers are only informative; if the segment is wrong, compare with a backup.',
  /** A presence row does not decode, or is about another client. */
  awareness_unreadable:
    'It shows no client, and is deleted when the next client arrives. With repair it is moved into ydoc_set_aside.',
} as const

export type FindingCode = keyof typeof REMEDIES

export const FINDING_CODES = Object.keys(REMEDIES) as readonly string[] as readonly FindingCode[]

/** The tables in which there can be problems. */
export const FINDING_TABLES = ['ydoc_update', 'ydoc_snapshot', 'ydoc_awareness'] as const

export type FindingTable = (typeof FINDING_TABLES)[number]

/** One problem with the stored rows. */
export interface Finding {
  readonly code: FindingCode
  readonly table: FindingTable
  /** The row, by its seq (of a presence row, the client id); null when a row is missing. */
  readonly seq: number | null
  readonly message: string
  /** The remedy: an action for the operator. */
  readonly remedy: string
  /** Whether this call repaired it. */
  readonly repaired: boolean
}

export const finding = (
  code: FindingCode,
  table: FindingTable,
  seq: number | null,
  message: string,
): Finding => ({ code, table, seq, message, remedy: REMEDIES[code], repaired: false })
