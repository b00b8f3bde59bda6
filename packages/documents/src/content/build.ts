import { RequestError } from '@y-electric/server'
import { isTooDeep, readingSnapshots } from '@y-electric/server/extension'
import { buildRows, type FoldSources, isSoundRow, type UpdateRow } from 'y-electric/protocol'
import type * as Y from 'yjs'

/** The document that stored rows make. */
export interface BuiltDocument {
  /** Holds what waits, too. The caller destroys it. */
  readonly doc: Y.Doc
  /** Rows that were left out: bad ones, and those at which Yjs throws together with others. */
  readonly leftOut: readonly UpdateRow[]
  /** How many these are. */
  readonly unreadableRows: number
}

/**
 * Builds the document from its snapshot row and the update rows after it. A bad row hides none of the
 * others (READ-1).
 * @param gc false keeps deleted content
 * @param prove throws if the document cannot be used; the rows that cause it are then left out
 * @throws {RequestError} `corrupt`, when the snapshot row cannot be read: most of the document is there
 */
export function buildDocument(
  { previous, rows }: FoldSources,
  gc: boolean,
  prove: (doc: Y.Doc) => void = () => {},
): BuiltDocument {
  const sound = rows.filter(({ data }) => isSoundRow(data))
  const { doc, culprits } = readingSnapshots(() => buildRows({ previous, rows: sound }, gc, prove))
  const used = new Set(sound.filter((row) => !culprits.has(row)))
  const leftOut = rows.filter((row) => !used.has(row))
  return { doc, leftOut, unreadableRows: leftOut.length }
}

/**
 * Builds the document, and does something with it. If that fails because of some rows, they are left out.
 * @throws {RequestError} `corrupt`, and whatever `use` throws that no row is the cause of
 */
export function useDocument<T>(
  sources: FoldSources,
  gc: boolean,
  use: (built: BuiltDocument) => T,
): T {
  try {
    return useAndDestroy(buildDocument(sources, gc), use)
  } catch (error) {
    if (isAnswer(error)) throw error
    const prove = (doc: Y.Doc) => {
      try {
        use({ doc, leftOut: [], unreadableRows: 0 })
      } catch (problem) {
        if (!isAnswer(problem)) throw problem
      }
    }
    return useAndDestroy(buildDocument(sources, gc, prove), use)
  }
}

/** True for an error that is the answer to the request, not the fault of a row. */
const isAnswer = (error: unknown): boolean => error instanceof RequestError || isTooDeep(error)

function useAndDestroy<T>(built: BuiltDocument, use: (built: BuiltDocument) => T): T {
  try {
    return use(built)
  } finally {
    built.doc.destroy()
  }
}
