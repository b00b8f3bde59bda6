// The interface that a client has for the benchmark, whether it is a peer's or ours.
import type * as Yjs from 'yjs'

/** A client of one document, connected and synced. */
export interface Client {
  /** Resolves when the server has acknowledged all edits so far. */
  saved(): Promise<void>
  close(): void | Promise<void>
}

/** The module of a kind of client. It runs in a process of its own. */
export interface ClientModule {
  readonly Y: typeof Yjs
  /** @param device what `createDevice` returned, for a page that was open before */
  open(url: string, docId: string, doc: Yjs.Doc, device?: unknown): Promise<Client>
  /** A store on this device that survives a reload. Without it the app keeps the document. */
  createDevice?(): unknown
  /** Compacts a document. Peers without it keep no history, or all of it. */
  compact?(url: string, docId: string): Promise<void>
}
