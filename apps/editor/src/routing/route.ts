import { isDocId } from '../documents/docId.ts'

export type Route =
  | { page: 'home' }
  | { page: 'document'; docId: string }
  | { page: 'bad-address' }
  | { page: 'not-found' }

export const homePath = '/'

export function documentPath(docId: string): string {
  return `/d/${encodeURIComponent(docId)}`
}

export function routeOf(pathname: string): Route {
  if (pathname === homePath) return { page: 'home' }
  const match = /^\/d\/([^/]*)\/?$/.exec(pathname)
  if (match === null) return { page: 'not-found' }
  const docId = decoded(match[1] ?? '')
  return docId !== null && isDocId(docId) ? { page: 'document', docId } : { page: 'bad-address' }
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null // a lone % in a hand-typed address
  }
}
