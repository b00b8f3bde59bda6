/**
 * Documents in Vue: `provideDocuments`, `useDocument`, `useStatus`, `usePresence`, `useVersions`.
 * @module
 */
import {
  computed,
  type InjectionKey,
  inject,
  type MaybeRefOrGetter,
  provide,
  type ShallowRef,
  shallowReadonly,
  shallowRef,
  toValue,
  watch,
} from 'vue'
import type { Connection } from '../bindings/connection.ts'
import { type DocumentHandle, type SharedDocument, sharedDocument } from '../bindings/document.ts'
import type { DocumentOptions } from '../bindings/options.ts'
import type { Peer, PresenceState } from '../bindings/presence.ts'
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

const CONNECTION: InjectionKey<Connection> = Symbol('y-electric')

/**
 * The server of all components below this one. Call it in `setup`.
 * @throws {ElectricProviderError} `invalid_request`, if `url` is no address of a server
 */
export function provideDocuments(options: DocumentOptions): void {
  provide(CONNECTION, connectionFor(options))
}

/**
 * Opens a document, or joins the components that have it open. It is closed soon after the last of them is
 * unmounted, and not before its edits are saved. If `docId` is a ref or a getter, the value follows it.
 * @param options The server. Default: the one of `provideDocuments` above this component.
 * @throws {ElectricProviderError} `invalid_doc_id`, or `invalid_request` without a server
 */
export function useDocument(
  docId: MaybeRefOrGetter<string>,
  options?: DocumentOptions,
): Readonly<ShallowRef<DocumentHandle>> {
  const connection = options === undefined ? inject(CONNECTION, null) : connectionFor(options)
  if (connection === null) {
    throw new ElectricProviderError(
      'invalid_request',
      'which server? Call `provideDocuments` in a component above, or pass options to `useDocument`',
    )
  }
  const current = shallowRef<SharedDocument>()
  watch(
    () => toValue(docId),
    (id, _, onCleanup) => {
      const document = findDocument(connection, id)
      current.value = document
      onCleanup(document.hold())
    },
    { immediate: true, flush: 'sync' },
  )
  return current as ShallowRef<SharedDocument>
}

/** The facts of the document now: `status`, `synced`, `saved`, `readOnly`, `error` and the other facts. */
export const useStatus = (
  document: MaybeRefOrGetter<DocumentHandle>,
): Readonly<ShallowRef<ProviderFacts>> => valueIn(document, ({ facts }) => facts)

export interface UsePresence<State extends object> {
  readonly self: Readonly<ShallowRef<State | null>>
  readonly others: Readonly<ShallowRef<readonly Peer<State>[]>>
  /** Sets these fields of this client's state (`{ user: { name } }`), and keeps the others. Plain JSON. */
  readonly update: (fields: Partial<State>) => void
}

/** The people who have the document open. Presence is shared from the first use of this function or of `document.awareness`. */
export function usePresence<State extends object = PresenceState>(
  document: MaybeRefOrGetter<DocumentHandle>,
): UsePresence<State> {
  const presence = valueIn(document, (shared) => shared.presence)
  return {
    self: computed(() => presence.value.self as State | null),
    others: computed(() => presence.value.others as readonly Peer<State>[]),
    update: (fields) => sharedDocument(toValue(document)).presence.update(fields),
  }
}

export interface UseVersions
  extends Pick<VersionsStore, 'refresh' | 'keep' | 'rename' | 'restore'> {
  readonly state: Readonly<ShallowRef<Versions>>
}

/** The versions of the document: read at the first use, and after each change that this page makes to them. */
export function useVersions(document: MaybeRefOrGetter<DocumentHandle>): UseVersions {
  const store = () => sharedDocument(toValue(document)).versions
  return {
    state: valueIn(document, ({ versions }) => versions),
    refresh: () => store().refresh(),
    keep: (label) => store().keep(label),
    rename: (seq, label) => store().rename(seq, label),
    restore: (seq) => store().restore(seq),
  }
}

/** The value of one of a document's stores, which follows the store and the document. */
function valueIn<T>(
  document: MaybeRefOrGetter<DocumentHandle>,
  storeOf: (document: SharedDocument) => Store<T>,
): Readonly<ShallowRef<T>> {
  const value = shallowRef<T>()
  watch(
    () => storeOf(sharedDocument(toValue(document))),
    (store, _, onCleanup) => {
      const look = (): void => {
        value.value = store.get()
      }
      onCleanup(store.subscribe(look))
      look()
    },
    { immediate: true, flush: 'sync' },
  )
  return shallowReadonly(value) as Readonly<ShallowRef<T>>
}
