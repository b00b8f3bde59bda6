import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
} from 'react'
import type { Connection } from '../bindings/connection.ts'
import type { DocumentOptions } from '../bindings/options.ts'
import { connectionFor, renewHeaders } from '../bindings/registry.ts'
import { ElectricProviderError } from '../errors.ts'

/** The server and the document that hooks take from the providers above them. */
export interface Scope {
  readonly connection: Connection
  readonly docId: string | null
}

const ScopeContext = createContext<Scope | null>(null)

export interface DocumentProviderProps extends Partial<DocumentOptions> {
  /** The document that hooks without a document id use. */
  readonly docId?: string
  readonly children?: ReactNode
}

/**
 * The server, and perhaps the document, that the hooks below it use. Rendering it again opens nothing anew, unless
 * `url`, `user` or the credentials change; other options count when a document is opened. Without `url` it
 * uses the server of the provider above it.
 *
 * If `headers` is a function that is made at each rendering, its first one tells the credentials apart and the
 * newest one is called. Give `user` too if a person can sign in as somebody else meanwhile.
 */
export function DocumentProvider(props: DocumentProviderProps): ReactElement {
  const { docId = null, children, ...options } = props
  const above = useContext(ScopeContext)
  const [firstHeaders] = useState(() => options.headers)
  const { url, user, headers, fetch } = options
  const ownHeaders = typeof headers === 'function' ? firstHeaders : headers
  const identity = typeof ownHeaders === 'function' ? ownHeaders : JSON.stringify(ownHeaders)
  // biome-ignore lint/correctness/useExhaustiveDependencies: other options count when a document is opened
  const own = useMemo(
    () =>
      url === undefined
        ? null
        : connectionFor({ ...options, url, ...(ownHeaders && { headers: ownHeaders }) }),
    [url, user, identity, fetch],
  )
  const connection = own ?? above?.connection
  if (connection === undefined) {
    throw new ElectricProviderError('invalid_request', '<DocumentProvider> needs `url`')
  }
  useEffect(() => {
    if (own !== null) renewHeaders(own, headers)
  }, [own, headers])
  const scope = useMemo(() => ({ connection, docId }), [connection, docId])
  return createElement(ScopeContext.Provider, { value: scope }, children)
}

/** The scope of the nearest provider above; null if there is none. */
export const useScope = (): Scope | null => useContext(ScopeContext)
