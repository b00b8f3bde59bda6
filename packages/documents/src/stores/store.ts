import type { ForeignUpdate } from '../documents/index.ts'

/** The documents of another product, as it stores them. Reading changes nothing in it. */
export interface ForeignStore {
  /** The names of its documents, sorted. */
  names(): Promise<readonly string[]>
  /**
   * The updates of a document, in the order in which they are applied; empty if the document no
   * longer exists.
   */
  updates(name: string): Promise<readonly ForeignUpdate[]>
  close(): Promise<void>
}

export const v1 = (data: Uint8Array): ForeignUpdate => ({ format: 'update', data })
