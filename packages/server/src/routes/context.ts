import type { Context } from 'hono'
import type pg from 'pg'
import { docIdProblem, MAX_DOC_ID_LENGTH } from 'y-electric/protocol'
import type { Crowds } from '../admission/crowds.ts'
import type { LimitHook } from '../admission/hook.ts'
import { hookInTime } from '../admission/hook-time.ts'
import type { Quotas } from '../admission/quotas.ts'
import type { Action, Authorize, Decision, RevokeHook } from '../auth.ts'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { Subject } from '../log/limiter.ts'
import type { FileType } from '../schemas/files.ts'
import type { ShapeSource } from '../shapes.ts'
import {
  type AppendQueue,
  type FileStore,
  MAX_CLIENT_ID,
  type PresenceQueue,
  type SegmentReads,
  type WriterNote,
} from '../store/index.ts'
import type { SharedAnswers } from '../streams/follow/answers.ts'
import type { Followers } from '../streams/follow/followers.ts'
import type { StreamRegistry } from '../streams/registry.ts'
import type { Revocations } from '../streams/revocations.ts'
import type { Turns } from '../work/turns.ts'
import type { Announcer } from './announcer.ts'
import type { AnswerBudget } from './answer-budget.ts'
import type { BodyBudget } from './body-budget.ts'
import { isSameList, ListChanged, type ListedIds, listedIds } from './listed.ts'
import { userName } from './user-name.ts'

/** Opens one stream: answers a request with the route of its path. */
export type OpenStream = (request: Request, mount: string, env: unknown) => Promise<Response>

/** The parts of an app that every route uses. */
export interface RouteContext {
  readonly pool: pg.Pool
  readonly appends: AppendQueue
  readonly presence: PresenceQueue
  /** Stores the name of a client's writer. @throws {RequestError} deleted */
  readonly noteWriter: (note: WriterNote) => Promise<void>
  readonly segments: SegmentReads
  /** Keeps the files of documents; null: the server keeps none. */
  readonly files: FileStore | null
  /** The content types that new files may have. */
  readonly fileTypes: readonly FileType[]
  /** Requests that are not urgent are admitted one by one. */
  readonly turns: Turns
  readonly shapes: ShapeSource
  readonly authorize: Authorize
  readonly limits: Limits
  /** The app's own limits; the first refusal counts. */
  readonly limitHooks: readonly LimitHook[]
  readonly quotas: Quotas
  /** Documents and users that have as many presence rows as allowed. */
  readonly crowds: Crowds
  /** Open live streams and long polls. */
  readonly streams: StreamRegistry
  readonly revocations: Revocations
  /** The shapes that open streams follow. */
  readonly followers: Followers
  /** The long polls that are sent to the shape service. */
  readonly polls: SharedAnswers
  /** Decides who may revoke: a secret or a hook; null: the route is off. */
  readonly revoke: string | RevokeHook | null
  readonly announcer: Announcer
  /** The memory of the bodies of all requests. */
  readonly bodies: BodyBudget
  /** Answers the request for one of the streams that a response joins. */
  readonly openStream: OpenStream
  /** The memory of the large answers that are being sent. */
  readonly answers: AnswerBudget
  /** True if a CDN in front may cache answers of shapes and state for everybody. */
  readonly publicCache: boolean
  /** Reports a failure to the operator. */
  readonly report: (error: unknown, request: Request) => void
  /** Records that a part works, so that the log reports a recovery. */
  readonly worked: (subject: Subject) => void
}

const REFUSALS: Record<Action, string> = {
  read: 'you may not read this document',
  write: 'you may not write this document',
  presence: 'you may not show presence in this document',
  list: 'you may not list these documents',
  delete: 'you may not delete this document',
}

/** An allowed request: its document, and its user if the hook returned one. */
export interface Allowed {
  /** For `list` the prefix. */
  readonly docId: string
  readonly user: string | null
  /** The name of that user to show, if the hook returned one. */
  readonly name: string | null
  /** For `list`: the only documents that the user may see; null for all below the prefix (LIST-1). */
  readonly documents: ListedIds
  /** True for `list`: `docId` is a prefix. */
  readonly isList: boolean
  /** The mark of the stream registry before the hook was called. */
  readonly mark: number
  /** Calls the hook again for the same request. @throws as the first call; ListChanged if it names other documents */
  again(): Promise<string | null>
}

/**
 * Reads the document id and the client id of a request, and asks the hook whether the action is allowed.
 * The order matters: an invalid id is never passed to the hook.
 * @throws {RequestError} invalid_doc_id, invalid_request, unauthenticated, forbidden, authorization_unavailable
 */
export function allowed(context: RouteContext, c: Context, action: Action): Promise<Allowed> {
  if (action === 'list') return ask(context, c, action, prefixOf(c))
  return allowedDocument(context, c, action, c.req.param('docId') ?? '')
}

/** The same for a document that the request names outside its path. */
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
  context: RouteContext,
  c: Context,
  action: Action,
  docId: string,
): Promise<Allowed> {
  const { mark } = context.streams
  const clientId = action === 'presence' ? clientIdOf(c) : null
  const question = { docId, action, clientId, request: c.req.raw }
  const person = await askPerson(context, question)
  const again = async () => {
    const now = await askPerson(context, question)
    if (!isSameList(person.documents, now.documents)) throw new ListChanged(now.documents)
    return now.user
  }
  return { docId, ...person, isList: action === 'list', mark, again }
}

/** The client id in the path of a presence request; null for other paths. */
export function clientIdOf(c: Context): number | null {
  const text = c.req.param('clientId') ?? ''
  const clientId = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  return clientId <= MAX_CLIENT_ID ? clientId : null
}

interface Question {
  readonly docId: string
  readonly action: Action
  readonly clientId: number | null
  readonly request: Request
}

/** The user that the hook names, the name to show, and the documents of a list; null for each that it does not give. */
type Person = Pick<Allowed, 'user' | 'name' | 'documents'>

/** Calls the hook (AUTH-1). @throws {RequestError} unauthenticated, forbidden, authorization_unavailable */
async function askPerson(
  { authorize, limits }: RouteContext,
  { clientId, ...about }: Question,
): Promise<Person> {
  const decision = await hookInTime(
    () => authorize(clientId === null ? about : { ...about, clientId }),
    { name: 'authorize', code: 'authorization_unavailable' },
    about.request.signal,
    limits,
  )
  const refusal = REFUSALS[about.action]
  const user = allowedUser(decision, refusal)
  const documents = about.action === 'list' ? listedIds(decision, refusal) : null
  return { user, name: shownName(decision), documents }
}

/** A name that is not text, or that cannot be stored, is ignored: the user is still allowed. */
function shownName(decision: Decision): string | null {
  const name = typeof decision === 'object' ? decision.name : null
  return typeof name === 'string' ? userName(name) : null
}

/** The user of a decision that allows. @throws {RequestError} unauthenticated, forbidden */
export function allowedUser(decision: Decision, refusal: string): string | null {
  if (decision === 'allow') return null
  if (decision === 'unauthenticated') {
    throw new RequestError('unauthenticated', 'not authenticated: sign in')
  }
  const user = userOf(decision)
  if (user === null) throw new RequestError('forbidden', refusal)
  return user
}

/** The hook is the app's code: any answer that is not valid is a refusal. */
function userOf(decision: unknown): string | null {
  if (typeof decision !== 'object' || decision === null || !('user' in decision)) return null
  const { user } = decision
  return typeof user === 'string' ? userName(user) : null
}
