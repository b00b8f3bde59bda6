import type * as Y from 'yjs'
import type { ElectricProviderOptions } from '../provider-options.ts'

type ProviderOptions = Omit<
  ElectricProviderOptions,
  'docId' | 'doc' | 'awareness' | 'connect' | 'platform'
>

/** The options of all documents of a part of an app: the address of the server, and options of their providers. */
export interface DocumentOptions extends ProviderOptions {
  /**
   * Names the person or the session to which `headers` belong. Documents are shared by all components with
   * the same `url`, document id and user. While it stays the same, `headers` may change (a fresh token): the next
   * request has the new ones. Default: components share documents if their `headers` are equal objects or the
   * same function.
   */
  readonly user?: string
  /** Makes the Y.Doc of a document. Default: `new Y.Doc()`. */
  readonly createDoc?: (docId: string) => Y.Doc
  /**
   * How long a document stays open after its last component has gone, in milliseconds. A document with unsaved
   * edits stays open until they are saved. Default: 1,000.
   */
  readonly closeAfterMs?: number
  /**
   * How long a document waits for a component that was rendered and is not mounted yet, in milliseconds.
   * Default: 30,000.
   */
  readonly mountWithinMs?: number
}

/**
 * How long a document stays open after its last component has gone, in milliseconds: React's StrictMode, a hot
 * reload and a change of the route mount components again within this time.
 */
export const CLOSE_AFTER_MS = 1_000

/**
 * How long a document waits for the component that asked for it, in milliseconds. React may render a component
 * and mount it later, or never.
 */
export const MOUNT_WITHIN_MS = 30_000
