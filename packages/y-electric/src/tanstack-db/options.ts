import type { ElectricProviderError } from '../errors.ts'
import type { HeadersSource } from '../io/http.ts'

/** The server that a collection reads and writes, and how the collection behaves. */
export interface CollectionOptions {
  /** The address of the server's API: absolute, or relative to the page. */
  readonly url: string
  /**
   * Headers for every request, or a function that returns them for each request. The function is called again after a
   * 401. A collection belongs to one user: create another one after somebody else signs in.
   */
  readonly headers?: HeadersSource
  readonly fetch?: typeof fetch
  /** The collection's own id in TanStack DB. Default: a random one. */
  readonly id?: string
  /** How long TanStack DB keeps the rows after the last subscriber has gone, in milliseconds. Default: that of TanStack DB. */
  readonly gcTime?: number
  /** Whether reading starts before anybody subscribes. Default: false. */
  readonly startSync?: boolean
  /**
   * Called when the server refuses to send the list. The collection keeps its rows and reads no further; `cleanup()` and
   * `preload()` start it again. Failures that may pass are tried again and not reported. Default: a line on the console.
   */
  readonly onError?: (error: ElectricProviderError) => void
}
