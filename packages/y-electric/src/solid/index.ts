/**
 * Documents in Solid: `<DocumentProvider>`, `useDocument`, `useStatus`, `usePresence`, `useVersions`.
 * @module
 */
import {
  type Accessor,
  createComponent,
  createComputed,
  createContext,
  createMemo,
  createSignal,
  type JSX,
  onCleanup,
  splitProps,
  untrack,
  useContext,
} from 'solid-js'
import type { Connection } from '../bindings/connection.ts'
import { type DocumentHandle, type SharedDocument, sharedDocument } from '../bindings/document.ts'
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

const ConnectionContext = createContext<Accessor<Connection>>()

export interface DocumentProviderProps extends DocumentOptions {
  readonly children?: JSX.Element
}

/**
 * The server of all components below.
 * @throws {ElectricProviderError} `invalid_request`, if `url` is no address of a server
 */
export function DocumentProvider(props: DocumentProviderProps): JSX.Element {
  const [, options] = splitProps(props, ['children'])
  const value = createMemo(() => connectionFor({ ...options }), undefined, {
    equals: (one, other) => one.key === other.key,
  })
  return createComponent(ConnectionContext.Provider, {
    value,
    get children() {
      return props.children
    },
  })
}

type MaybeAccessor<T> = T | Accessor<T>

const valueIn = <T>(value: MaybeAccessor<T>): T =>
  typeof value === 'function' ? (value as Accessor<T>)() : value

/**
 * Opens a document, or joins the components that have it open. It is closed soon after the last of them is
 * disposed, and not before its edits are saved. If `docId` is an accessor, the value follows it.
 * @param options The server. Default: the one of the `<DocumentProvider>` above.
 * @throws {ElectricProviderError} `invalid_doc_id`, or `invalid_request` without a server
 */
export function useDocument(
  docId: MaybeAccessor<string>,
  options?: DocumentOptions,
): Accessor<DocumentHandle> {
  const above = useContext(ConnectionContext)
  const own = options && connectionFor(options)
  return createMemo(() => {
    const connection = own ?? above?.()
    if (connection === undefined) {
      throw new ElectricProviderError(
        'invalid_request',
        'which server? Put a <DocumentProvider> above this component, or pass options to `useDocument`',
      )
    }
    const document = findDocument(connection, valueIn(docId))
    onCleanup(document.hold())
    return document
  })
}

/** The facts of the document now: `status`, `synced`, `saved`, `readOnly`, `error` and the other facts. */
export const useStatus = (document: MaybeAccessor<DocumentHandle>): Accessor<ProviderFacts> =>
  follow(document, ({ facts }) => facts)

export interface UsePresence<State extends object> {
  readonly presence: Accessor<Presence<State>>
  /** Sets these fields of this client's state (`{ user: { name } }`), and keeps the others. Plain JSON. */
  readonly update: (fields: Partial<State>) => void
}

/** The people who have the document open. Presence is shared from the first use of this function or of `document.awareness`. */
export const usePresence = <State extends object = PresenceState>(
  document: MaybeAccessor<DocumentHandle>,
): UsePresence<State> => ({
  presence: follow(document, (shared) => shared.presence) as unknown as Accessor<Presence<State>>,
  update: (fields) => sharedDocument(untrack(() => valueIn(document))).presence.update(fields),
})

export interface UseVersions
  extends Pick<VersionsStore, 'refresh' | 'keep' | 'rename' | 'restore'> {
  readonly state: Accessor<Versions>
}

/** The versions of the document: read at the first use, and after each change that this page makes to them. */
export function useVersions(document: MaybeAccessor<DocumentHandle>): UseVersions {
  const store = () => sharedDocument(untrack(() => valueIn(document))).versions
  return {
    state: follow(document, ({ versions }) => versions),
    refresh: () => store().refresh(),
    keep: (label) => store().keep(label),
    rename: (seq, label) => store().rename(seq, label),
    restore: (seq) => store().restore(seq),
  }
}

/** The value of one of a document's stores, which follows the store and the document. */
function follow<T>(
  document: MaybeAccessor<DocumentHandle>,
  storeOf: (document: SharedDocument) => Store<T>,
): Accessor<T> {
  const store = createMemo(() => storeOf(sharedDocument(valueIn(document))))
  const [value, setValue] = createSignal(untrack(store).get())
  createComputed(() => {
    const current = store()
    const look = () => void setValue(() => current.get())
    onCleanup(current.subscribe(look))
    look()
  })
  return value
}
