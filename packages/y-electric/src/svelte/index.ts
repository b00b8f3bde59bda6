/**
 * Documents in Svelte 5: `setDocuments`, `useDocument`, `useStatus`, `usePresence`, `useVersions`. Call them while a
 * component is being created. To change the document, wrap the component in `{#key docId}`.
 * @module
 */
import { getContext, hasContext, onMount, setContext } from 'svelte'
import { createSubscriber } from 'svelte/reactivity'
import type { Connection } from '../bindings/connection.ts'
import { type DocumentHandle, sharedDocument } from '../bindings/document.ts'
import type { DocumentOptions } from '../bindings/options.ts'
import type { Presence, PresenceState } from '../bindings/presence.ts'
import { connectionFor, findDocument } from '../bindings/registry.ts'
import type { Store } from '../bindings/store.ts'
import type { Versions, VersionsStore } from '../bindings/versions.ts'
import type { ProviderFacts } from '../core/ledger/facts.ts'
import { ElectricProviderError } from '../errors.ts'

export type { DocumentHandle } from '../bindings/document.ts'
export type { DocumentOptions } from '../bindings/options.ts'
export type { Peer, Presence, PresenceState } from '../bindings/presence.ts'
export { openDocuments } from '../bindings/registry.ts'
export type { Version, Versions } from '../bindings/versions.ts'

const CONNECTION = Symbol('y-electric')

/** A value that templates and effects follow when they read `current`. */
export interface Current<T> {
  readonly current: T
}

/**
 * The server of this component and all below it.
 * @throws {ElectricProviderError} `invalid_request`, if `url` is no address of a server
 */
export function setDocuments(options: DocumentOptions): void {
  setContext(CONNECTION, connectionFor(options))
}

/**
 * Opens a document, or joins the components that have it open. It is closed soon after the last of them is
 * destroyed, and not before its edits are saved.
 * @param options The server. Default: the one of `setDocuments`.
 * @throws {ElectricProviderError} `invalid_doc_id`, or `invalid_request` without a server
 */
export function useDocument(docId: string, options?: DocumentOptions): DocumentHandle {
  const document = findDocument(options ? connectionFor(options) : connectionOfContext(), docId)
  onMount(() => document.hold())
  return document
}

function connectionOfContext(): Connection {
  if (hasContext(CONNECTION)) return getContext<Connection>(CONNECTION)
  throw new ElectricProviderError(
    'invalid_request',
    'which server? Call `setDocuments` in this component or above, or pass options to `useDocument`',
  )
}

/** The facts of the document now: `status`, `synced`, `saved`, `readOnly`, `error` and the other facts. */
export const useStatus = (document: DocumentHandle): Current<ProviderFacts> =>
  currentOf(sharedDocument(document).facts)

export interface UsePresence<State extends object> extends Current<Presence<State>> {
  /** Sets these fields of this client's state (`{ user: { name } }`), and keeps the others. Plain JSON. */
  readonly update: (fields: Partial<State>) => void
}

/** The people who have the document open. Presence is shared once `current` or `document.awareness` is read. */
export function usePresence<State extends object = PresenceState>(
  document: DocumentHandle,
): UsePresence<State> {
  const { presence } = sharedDocument(document)
  const read = currentOf(presence as unknown as Store<Presence<State>>)
  return {
    get current() {
      return read.current
    },
    update: presence.update,
  }
}

export interface UseVersions
  extends Current<Versions>,
    Pick<VersionsStore, 'refresh' | 'keep' | 'rename' | 'restore'> {}

/** The versions of the document: read at the first use, and after each change that this page makes to them. */
export function useVersions(document: DocumentHandle): UseVersions {
  const { versions } = sharedDocument(document)
  const read = currentOf(versions)
  const { refresh, keep, rename, restore } = versions
  return {
    get current() {
      return read.current
    },
    refresh,
    keep,
    rename,
    restore,
  }
}

function currentOf<T>(store: Store<T>): Current<T> {
  const follow = createSubscriber((update) => store.subscribe(update))
  return {
    get current() {
      follow()
      return store.get()
    },
  }
}
