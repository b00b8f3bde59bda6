/**
 * What a request wants to do: see a document, change (or compact) it, be seen in it, delete it, or
 * `list` the documents whose ids begin with `docId` ('' for all).
 */
export type Action = 'read' | 'write' | 'presence' | 'list' | 'delete'

/**
 * `unauthenticated` is answered with 401, `forbidden` with 403. `{ user }` allows, and the name is
 * noted with what is kept of it (who kept a version, who deleted a document).
 */
export type Decision = 'allow' | 'unauthenticated' | 'forbidden' | { readonly user: string }

/** What a request is about, as the hook is asked. */
export interface AuthorizationRequest {
  /** The document; for `list` what the ids must begin with. */
  readonly docId: string
  readonly action: Action
  /** On writes and deletes of presence: the Yjs client id whose presence it is. */
  readonly clientId?: number
  readonly request: Request
}

/**
 * Decides whether a request may go on. It guards every route of a document and is asked on every
 * request. While a stream or a long poll is open, it is asked again at intervals (`reauthorizeMs`), with
 * the request that opened it. When it throws, the request fails with 500 and nothing is stored.
 */
export type Authorize = (about: AuthorizationRequest) => Decision | Promise<Decision>

/** Decides who may call `POST /revoke`. When it throws, the request fails with 500 and nothing is revoked. */
export type RevokeHook = (request: Request) => Decision | Promise<Decision>

/** Lets everybody do everything. For development. */
export const allowAll: Authorize = () => 'allow'
