import { OpenDocument } from './OpenDocument.ts'

/**
 * The documents that this tab holds open. A page takes one with `acquire` and gives it back with
 * `release`. One that still has unsaved edits stays open after the page was left, until the server
 * has them: walking back to the list while offline must not cost anybody a word.
 */

interface Entry {
  document: OpenDocument
  pages: number
}

declare global {
  interface Window {
    /** A debugging handle on the document that is being shown, for the console and for end-to-end tests. */
    yElectric?: Pick<OpenDocument, 'doc' | 'provider'>
  }
}

const entries = new Map<string, Entry>()
const listeners = new Set<() => void>()
let unsaved: readonly string[] = []

export function acquire(docId: string): OpenDocument {
  const entry = entries.get(docId) ?? opened(docId)
  entry.pages += 1
  const { doc, provider } = entry.document
  window.yElectric = { doc, provider }
  return entry.document
}

export function release(document: OpenDocument): void {
  const entry = entries.get(document.docId)
  if (entry?.document !== document) return
  entry.pages -= 1
  if (window.yElectric?.doc === document.doc) delete window.yElectric
  closeIfDone(entry)
}

/** The ids of the documents with edits that the server does not have yet. */
export function unsavedDocIds(): readonly string[] {
  return unsaved
}

export function subscribeToUnsaved(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function opened(docId: string): Entry {
  const entry = { document: new OpenDocument(docId), pages: 0 }
  entries.set(docId, entry)
  entry.document.subscribe(() => {
    refreshUnsaved()
    closeIfDone(entry)
  })
  return entry
}

function closeIfDone(entry: Entry): void {
  const { document, pages } = entry
  if (pages > 0 || document.getState().hasUnsavedEdits) return
  if (!entries.delete(document.docId)) return
  void document.close()
}

function refreshUnsaved(): void {
  const docIds = [...entries.values()]
    .filter((entry) => entry.document.getState().hasUnsavedEdits)
    .map((entry) => entry.document.docId)
  if (docIds.join(' ') === unsaved.join(' ')) return
  if (docIds.length > 0 !== unsaved.length > 0) warnOnClose(docIds.length > 0)
  unsaved = docIds
  for (const listener of [...listeners]) listener()
}

// Only while there is something to lose: a page with a beforeunload listener is kept out of the
// browser's back/forward cache.
function warnOnClose(on: boolean): void {
  if (on) window.addEventListener('beforeunload', askBeforeLeaving)
  else window.removeEventListener('beforeunload', askBeforeLeaving)
}

function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault()
}
