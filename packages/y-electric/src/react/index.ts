/**
 * Documents in React: `<DocumentProvider>`, `useDocument`, `useStatus`, `usePresence`, `useVersions`.
 * @module
 */
export type { DocumentHandle } from '../bindings/document.ts'
export type { DocumentOptions } from '../bindings/options.ts'
export type { Peer, Presence, PresenceState } from '../bindings/presence.ts'
export { openDocuments } from '../bindings/registry.ts'
export type { Version, Versions } from '../bindings/versions.ts'
export { DocumentProvider, type DocumentProviderProps } from './provider.ts'
export { type UseDocumentOptions, useDocument } from './use-document.ts'
export {
  type UsePresence,
  type UseVersions,
  usePresence,
  useStatus,
  useVersions,
} from './use-stores.ts'
