import type { Context } from 'hono'
import type pg from 'pg'
import { docIdProblem } from 'y-electric/protocol'
import type { Action, Authorize } from '../auth.ts'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { ShapeSource } from '../shapes.ts'

/** What every route works with. */
export interface RouteContext {
  readonly pool: pg.Pool
  readonly shapes: ShapeSource
  readonly authorize: Authorize
  readonly limits: Limits
  /** True when a CDN in front may keep answers of shapes and state for everybody. */
  readonly publicCache: boolean
}

const REFUSALS: Record<Action, string> = {
  read: 'you may not read this document',
  write: 'you may not write this document',
  presence: 'you may not be shown in this document',
}

/**
 * The document that a request names, once its id is known to be good and the hook has allowed the
 * action. The order matters: an id that is refused is never shown to the hook.
 * @throws {RequestError} invalid_doc_id, unauthenticated, forbidden
 */
export async function authorizedDocId(
  { authorize }: RouteContext,
  c: Context,
  action: Action,
): Promise<string> {
  const docId = c.req.param('docId') ?? ''
  const problem = docIdProblem(docId)
  if (problem !== null) throw new RequestError('invalid_doc_id', problem)
  const decision = await authorize({ docId, action, request: c.req.raw })
  if (decision === 'unauthenticated') {
    throw new RequestError('unauthenticated', 'who you are is not known: sign in')
  }
  if (decision !== 'allow') {
    throw new RequestError('forbidden', REFUSALS[action])
  }
  return docId
}
