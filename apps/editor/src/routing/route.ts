import { isDocId } from '../documents/docId.ts'

export type Route =
  | { page: 'home' }
  | { page: 'document'; docId: string; mode?: 'view' }
  | { page: 'inspector'; docId: string }
  | { page: 'bad-address' }
  | { page: 'not-found' }

export const homePath = '/'

export function documentPath(docId: string, mode?: 'view'): string {
  return `/d/${encodeURIComponent(docId)}${mode === undefined ? '' : `?mode=${mode}`}`
}

/** The path of the inspector, which shows how a document is stored. */
export const inspectorPath = (docId: string): string => `/inspect/${encodeURIComponent(docId)}`

/** @param search the query string with its question mark; `?mode=view` marks a link to read */
export function routeOf(pathname: string, search = ''): Route {
  if (pathname === homePath) return { page: 'home' }
  const match = /^\/(d|inspect)\/([^/]*)\/?$/.exec(pathname)
  if (match === null) return { page: 'not-found' }
  const docId = decoded(match[2] ?? '')
  // The inspector accepts every name, because the server decides which ids exist.
  if (match[1] === 'inspect' && docId) return { page: 'inspector', docId }
  if (docId === null || !isDocId(docId)) return { page: 'bad-address' }
  const isView = new URLSearchParams(search).get('mode') === 'view'
  return { page: 'document', docId, ...(isView ? { mode: 'view' } : {}) }
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null // a single % in a hand-typed address
  }
}
