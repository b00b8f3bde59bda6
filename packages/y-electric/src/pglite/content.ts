import type * as Y from 'yjs'
import { type Clock, systemClock } from '../io/clock.ts'
import { parseApiUrl } from '../io/url.ts'
import { type PgliteDatabase, withTables } from '../persistence/pglite.ts'
import { KEEP_CONTENT } from '../persistence/pglite-statements.ts'

/** While a person types, the content is written this often. */
export const DEFAULT_CONTENT_EVERY_MS = 500

/** The document, as it is given to its provider. */
export interface ContentOf {
  readonly url: string
  readonly docId: string
  readonly doc: Y.Doc
}

/** Options of `keepContent`. */
export interface ContentOptions {
  /** The least time between two writes, in milliseconds. Default: 500. */
  readonly everyMs?: number
  /** Called when `read` or the database fails. The next change tries again. Default: a line on the console. */
  readonly onError?: (error: unknown) => void
  /**
   * For tests that simulate time.
   * @internal
   */
  readonly clock?: Pick<Clock, 'after'>
}

/**
 * Keeps what an app wants to query of an open document in `y_electric.documents.content`: at each change of the document
 * it writes what `read` returns, as JSON. Documents that are closed keep what was written last.
 * @returns stops it, after the last change is written
 * @throws {ElectricProviderError} `invalid_request`, if `url` is no address of a server
 */
export function keepContent(
  database: PgliteDatabase | Promise<PgliteDatabase>,
  { url, docId, doc }: ContentOf,
  read: (doc: Y.Doc) => unknown,
  options: ContentOptions = {},
): () => Promise<void> {
  const { everyMs = DEFAULT_CONTENT_EVERY_MS, clock = systemClock } = options
  const onError = options.onError ?? ((error) => console.error('y-electric: keepContent', error))
  const key = `${parseApiUrl(url).href}/${docId}`
  let isDue = false
  let cancel: (() => void) | null = null
  let writing: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    if (!isDue) return
    isDue = false
    try {
      const opened = await database
      await withTables(opened)
      await opened.query(KEEP_CONTENT, [key, JSON.stringify(read(doc) ?? null)])
    } catch (error) {
      onError(error)
    }
  }
  const begin = (): Promise<void> => {
    cancel?.()
    cancel = null
    writing = writing.then(write)
    return writing
  }
  // Before its first update the document is not loaded, and what was kept of it is better than nothing.
  const onUpdate = () => {
    isDue = true
    cancel ??= clock.after(everyMs, begin)
  }
  doc.on('update', onUpdate)
  return () => {
    doc.off('update', onUpdate)
    return begin()
  }
}
