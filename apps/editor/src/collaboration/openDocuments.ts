import { encodeStateAsUpdate } from 'yjs'
import type { Person } from '../people/person.ts'
import { subscribeToPerson, thisPerson } from '../people/personStore.ts'
import { OpenDocument } from './OpenDocument.ts'

/**
 * The documents that this tab holds open. A page takes one with `acquire` and returns it with
 * `release`. A document with unsaved edits stays open after its page is left, until the server has
 * them: going back to the list while offline must not lose an edit.
 */

/** A person who opens a document to write is shown to others; one who opens it to read is not. */
export type Mode = 'write' | 'view'

interface Entry {
  document: OpenDocument
  pages: number
  mode: Mode
}

declare global {
  interface Window {
    /** A debugging handle on the shown document, for the console and for end-to-end tests. */
    yElectric?: Pick<OpenDocument, 'doc' | 'provider'> & {
      /** The whole document as one Yjs update. */
      encode(): Uint8Array
    }
  }
}

const entries = new Map<string, Entry>()
const listeners = new Set<() => void>()
let unsaved: readonly string[] = []

export function acquire(docId: string, mode: Mode): OpenDocument {
  const entry = entries.get(docId) ?? opened(docId, mode)
  entry.pages += 1
  entry.mode = mode
  entry.document.showPerson(personFor(mode))
  const { doc, provider } = entry.document
  window.yElectric = { doc, provider, encode: () => encodeStateAsUpdate(doc) }
  return entry.document
}

export function release(document: OpenDocument): void {
  const entry = entries.get(document.docId)
  if (entry?.document !== document) return
  entry.pages -= 1
  if (window.yElectric?.doc === document.doc) delete window.yElectric
  // A person who left the page is no longer present, although their edits may still be on their
  // way.
  if (entry.pages === 0) document.showPerson(null)
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

const personFor = (mode: Mode): Person | null => (mode === 'write' ? thisPerson() : null)

subscribeToPerson(() => {
  for (const { document, pages, mode } of entries.values()) {
    if (pages > 0) document.showPerson(personFor(mode))
  }
})

function opened(docId: string, mode: Mode): Entry {
  const entry = { document: new OpenDocument(docId, personFor(mode)), pages: 0, mode }
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
  unsaved = docIds
  for (const listener of [...listeners]) listener()
}
