import type { Context } from 'hono'
import type pg from 'pg'
import { docIdProblem, MAX_DOC_ID_LENGTH } from 'y-electric/protocol'
import type { Action, Authorize } from '../auth.ts'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { Subject } from '../log/limiter.ts'
import type { ShapeSource } from '../shapes.ts'
import type { Announcer } from './announcer.ts'
import type { BodyBudget } from './body-budget.ts'
import { storable } from './unreadable.ts'

/** What every route works with. */
export interface RouteContext {
  readonly pool: pg.Pool
  readonly shapes: ShapeSource
  readonly authorize: Authorize
  readonly limits: Limits
  readonly announcer: Announcer
  /** What the bodies of all requests hold in memory. */
  readonly bodies: BodyBudget
  /** True when a CDN in front may keep answers of shapes and state for everybody. */
  readonly publicCache: boolean
  /** Reports a failure to the operator. */
  readonly report: (error: unknown, request: Request) => void
  /** Records that a part works, so that the log reports a recovery. */
  readonly worked: (subject: Subject) => void
}

/** Longest name of a user that is noted, in UTF-16 code units. */
const MAX_USER_LENGTH = 200

const REFUSALS: Record<Action, string> = {
  read: 'you may not read this document',
  write: 'you may not write this document',
  presence: 'you may not be shown in this document',
  list: 'you may not list these documents',
  delete: 'you may not delete this document',
}

/** A request that may go on: what it is about, and who asks, if the hook says. */
export interface Allowed {
  /** For `list` the prefix. */
  readonly docId: string
  readonly user: string | null
}

/**
 * What a request is about, once that is known to be good and the hook has allowed the action. The
 * order matters: an id that is refused is never shown to the hook.
 * @throws {RequestError} invalid_doc_id, invalid_request, unauthenticated, forbidden
 */
export function allowed(context: RouteContext, c: Context, action: Action): Promise<Allowed> {
  if (action === 'list') return ask(context, c, action, prefixOf(c))
  return allowedDocument(context, c, action, c.req.param('docId') ?? '')
}

/** The same for a document that the request names elsewhere than in its path. */
export async function allowedDocument(
  context: RouteContext,
  c: Context,
  action: Action,
  docId: string,
): Promise<Allowed> {
  const problem = docIdProblem(docId)
  if (problem !== null) throw new RequestError('invalid_doc_id', problem)
  return ask(context, c, action, docId)
}

function prefixOf(c: Context): string {
  const prefix = c.req.query('prefix') ?? ''
  const problem = prefix === '' ? null : docIdProblem(`${prefix}-`.slice(0, MAX_DOC_ID_LENGTH))
  if (problem !== null || prefix.length > MAX_DOC_ID_LENGTH) {
    throw new RequestError('invalid_request', 'prefix must be the beginning of a document id')
  }
  return prefix
}

async function ask(
  { authorize }: RouteContext,
  c: Context,
  action: Action,
  docId: string,
): Promise<Allowed> {
  const decision = await authorize({ docId, action, request: c.req.raw })
  if (decision === 'allow') return { docId, user: null }
  if (decision === 'unauthenticated') {
    throw new RequestError('unauthenticated', 'who you are is not known: sign in')
  }
  const user = userOf(decision)
  if (user === null) throw new RequestError('forbidden', REFUSALS[action])
  return { docId, user }
}

/** The hook is somebody else's code: anything but what it may answer is a no. */
function userOf(decision: unknown): string | null {
  if (typeof decision !== 'object' || decision === null || !('user' in decision)) return null
  const { user } = decision
  if (typeof user !== 'string') return null
  // A hook may take the name from a header or a token: it is stored as text.
  const name = storable(user.slice(0, MAX_USER_LENGTH))
  return name === '' ? null : name
}
