// A client of one document: a Y.Doc, its provider, and everything that the provider reported.
import {
  ElectricProvider,
  type ElectricProviderError,
  type ElectricProviderOptions,
  type ProviderStatus,
} from 'y-electric'
import * as Y from 'yjs'

export interface TestClient {
  readonly doc: Y.Doc
  readonly text: Y.Text
  readonly provider: ElectricProvider
  /** Every status of the provider, oldest first. */
  readonly statuses: readonly ProviderStatus[]
  readonly errors: readonly ElectricProviderError[]
  type(text: string): void
  close(): Promise<void>
}

export type ClientOptions = Pick<ElectricProviderOptions, 'url' | 'docId'> &
  Partial<ElectricProviderOptions>

/** Makes the provider retry almost at once. */
export const FAST_RETRY = { baseMs: 1, maxMs: 20 }

// Yjs needs longer for a random guid than for the rest of the document, and no test reads the guid.
export function openClient({
  doc = new Y.Doc({ guid: 'client' }),
  ...options
}: ClientOptions): TestClient {
  const provider = new ElectricProvider({ retry: FAST_RETRY, ...options, doc })
  const text = doc.getText('body')
  const statuses: ProviderStatus[] = [provider.status]
  const errors: ElectricProviderError[] = []
  provider.on('status', ({ status }) => statuses.push(status))
  provider.on('error', (error) => errors.push(error))
  return {
    doc,
    text,
    provider,
    statuses,
    errors,
    type: (typed) => text.insert(text.length, typed),
    async close() {
      await provider.destroy()
      doc.destroy()
    },
  }
}
