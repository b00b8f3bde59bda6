import { UNTITLED } from './deviceList.ts'
import type { DocumentList } from './serverTypes.ts'

/** A document of the server, as the list shows it. */
export interface Row {
  readonly docId: string
  /** Null until it was read. */
  readonly title: string | null
  /** Milliseconds since 1970. */
  readonly changedAt: number
}

export type Sorting = 'changed' | 'title'

/** The titles that are known, with the time of the change after which each was read. */
export type Titles = ReadonlyMap<string, { readonly title: string; readonly changedAt: number }>

export function rowsOf(documents: DocumentList['documents'], titles: Titles): Row[] {
  return documents.map(({ docId, changedAt }) => ({
    docId,
    title: titles.get(docId)?.title ?? null,
    changedAt: Date.parse(changedAt),
  }))
}

/** The rows whose title or id contains every word, in the chosen order. */
export function arranged(rows: readonly Row[], search: string, sorting: Sorting): Row[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = rows.filter(({ docId, title }) => {
    const text = `${title ?? ''} ${docId}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  return sorting === 'title'
    ? found.sort((a, b) => nameOf(a).localeCompare(nameOf(b)) || b.changedAt - a.changedAt)
    : found.sort((a, b) => b.changedAt - a.changedAt)
}

/** The title; until it is known, the id. */
export const nameOf = ({ title, docId }: Row): string => title ?? docId

/** The rows whose title is not known, or was read before the last change. */
export const withoutTitle = (rows: readonly Row[], titles: Titles): Row[] =>
  rows.filter(({ docId, changedAt }) => titles.get(docId)?.changedAt !== changedAt)

/** The title in a document's plain text: its first line that is not empty. */
export function titleInText(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '')
  const title = line?.trim().replace(/\s+/g, ' ') ?? ''
  if (title === '') return UNTITLED
  return title.length > 90 ? `${title.slice(0, 89)}…` : title
}
