/** What a request wants to do with a document: see it, change (or compact) it, or be seen in it. */
export type Action = 'read' | 'write' | 'presence'

/** `unauthenticated` is answered with 401, `forbidden` with 403. */
export type Decision = 'allow' | 'unauthenticated' | 'forbidden'

/** What a request is about, as the hook is asked. */
export interface AuthorizationRequest {
  readonly docId: string
  readonly action: Action
  readonly request: Request
}

/**
 * Decides whether a request may go on. It guards every route of a document and is asked on every
 * request, live ones included. When it throws, the request fails with 500 and nothing is stored.
 */
export type Authorize = (about: AuthorizationRequest) => Decision | Promise<Decision>

/** Lets everybody do everything. For development. */
export const allowAll: Authorize = () => 'allow'
