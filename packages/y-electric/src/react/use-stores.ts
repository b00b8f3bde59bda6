import { useSyncExternalStore } from 'react'
import { type DocumentHandle, OPENING } from '../bindings/document.ts'
import { NOBODY, type Presence, type PresenceState } from '../bindings/presence.ts'
import { NO_VERSIONS, type Versions, type VersionsStore } from '../bindings/versions.ts'
import type { ProviderFacts } from '../core/ledger/facts.ts'
import { useShared } from './use-shared.ts'

/**
 * The facts of the document now: `status`, `synced`, `saved`, `unsavedSince`, `readOnly`, `error` and the other
 * facts of the provider, as one object that changes only when a fact does.
 * @param document Default: the one of the `<DocumentProvider>`.
 */
export function useStatus(document?: DocumentHandle): ProviderFacts {
  const { facts } = useShared(document)
  return useSyncExternalStore(facts.subscribe, facts.get, () => OPENING)
}

export interface UsePresence<State extends object> extends Presence<State> {
  /** Sets these fields of this client's state (`{ user: { name } }`), and keeps the others. Plain JSON. */
  readonly update: (fields: Partial<State>) => void
}

/**
 * The people who have the document open. Presence is shared from the moment when the first component uses this hook, or an editor
 * reads `document.awareness`.
 * @param document Default: the one of the `<DocumentProvider>`.
 */
export function usePresence<State extends object = PresenceState>(
  document?: DocumentHandle,
): UsePresence<State> {
  const { presence } = useShared(document)
  const { self, others } = useSyncExternalStore(presence.subscribe, presence.get, () => NOBODY)
  return { self, others, update: presence.update } as unknown as UsePresence<State>
}

export interface UseVersions
  extends Versions,
    Pick<VersionsStore, 'refresh' | 'keep' | 'rename' | 'restore'> {}

/**
 * The versions of the document. They are read when the component is mounted, and after each change that this page
 * makes to them; `refresh` reads them again.
 * @param document Default: the one of the `<DocumentProvider>`.
 */
export function useVersions(document?: DocumentHandle): UseVersions {
  const { versions } = useShared(document)
  const { refresh, keep, rename, restore } = versions
  const now = useSyncExternalStore(versions.subscribe, versions.get, () => NO_VERSIONS)
  return { ...now, refresh, keep, rename, restore }
}
