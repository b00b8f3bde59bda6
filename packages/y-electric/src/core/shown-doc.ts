import * as Y from 'yjs'
import { applyRow } from '../protocol/applying.ts'
import { guardMapEntries } from '../protocol/map-entries.ts'
import type { State } from '../protocol/state-frames.ts'

/** The stored rows that make a document. */
export type Content = Pick<State, 'snapshot'> & {
  readonly rows: readonly { readonly data: Uint8Array }[]
}

/** The document as a client sees it that applies the rows in order. */
export function docOf({ snapshot, rows }: Content, gc: boolean): Y.Doc {
  const doc = new Y.Doc({ guid: 'shown', gc })
  guardMapEntries(doc)
  doc.transact(() => {
    if (snapshot?.data) Y.applyUpdateV2(doc, snapshot.data)
    for (const { data } of rows) {
      try {
        applyRow(doc, data)
      } catch {
        // Yjs throws at this row together with the rows before it; `verify` finds and names it.
      }
    }
  })
  return doc
}
