// The interface of a client in the benchmark, for other providers and for ours.
import type * as Yjs from 'yjs'

/** A client of one document, connected and synced. */
export interface Client {
  /** Resolves when the server has acknowledged all edits so far. */
  saved(): Promise<void>
  close(): void | Promise<void>
}

/** The module of a kind of client. It runs in a separate process. */
export interface ClientModule {
  readonly Y: typeof Yjs
  /** @param device the result of `createDevice`, for a page that was open before */
  open(url: string, docId: string, doc: Yjs.Doc, device?: unknown): Promise<Client>
  /**
   * Creates a store on this device that survives a reload. Without this function the app keeps the document.
   */
  createDevice?(): unknown
  /** Compacts a document. Providers without this function keep no history, or the whole history. */
  compact?(url: string, docId: string): Promise<void>
}
