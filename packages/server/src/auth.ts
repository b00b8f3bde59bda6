/**
 * The action of a request: read a document, write (or compact) it, show presence in it, delete it, or
 * `list` the documents whose ids begin with `docId` ('' for all).
 */
export type Action = 'read' | 'write' | 'presence' | 'list' | 'delete'

/**
 * `unauthenticated` is answered with 401, `forbidden` with 403. `{ user }` allows the request, and the
 * server records the name with what it stores (who kept a version, who deleted a document).
 */
export type Decision =
  | 'allow'
  | 'unauthenticated'
  | 'forbidden'
  | {
      readonly user: string
      /**
       * The name to show for this user in histories. The server keeps it with the client ids under which the user
       * writes. Without it, the server keeps the name that the client sends, and marks it as not trusted.
       */
      readonly name?: string | null | undefined
      /**
       * For `list`: the ids of the documents that this user may see, at most `MAX_LISTED_IDS`, and behind Electric at
       * most as many as fit into a URL of 7,500 characters; others do not appear, in whichever list. If they differ when
       * the hook is called again, open lists start over. Default: all documents whose ids begin with the prefix.
       * Ignored for other actions.
       */
      readonly documents?: readonly string[] | null | undefined
    }

/** The most ids that a decision about `list` may name. They are a part of the URL that Electric is sent. */
export const MAX_LISTED_IDS = 100

/** The request that the hook decides about. */
export interface AuthorizationRequest {
  /** The document; for `list` the prefix of the ids. */
  readonly docId: string
  readonly action: Action
  /** For writes and deletes of presence: the Yjs client id of that presence. */
  readonly clientId?: number
  readonly request: Request
}

/**
 * Decides whether a request is allowed. The hook guards every route of a document and is called for every
 * request. While a stream or a long poll is open, it is called again at intervals (`reauthorizeMs`), with
 * the request that opened it. When it throws, the request fails with 500 and nothing is stored.
 */
export type Authorize = (about: AuthorizationRequest) => Decision | Promise<Decision>

/** Decides who may call `POST /revoke`. When it throws, the request fails with 500 and nothing is revoked. */
export type RevokeHook = (request: Request) => Decision | Promise<Decision>

/** Allows every action to everybody. For development. */
export const allowAll: Authorize = () => 'allow'
