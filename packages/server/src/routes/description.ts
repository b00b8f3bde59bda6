import type { Context } from 'hono'
import type { ServerErrorCode } from 'y-electric/protocol'
import type { Action } from '../auth.ts'
import type { Limits } from '../limits.ts'
import type { Schema } from '../schemas/values.ts'
import type { Allowed, RouteContext } from './context.ts'
import type { Parameter } from './parameters.ts'

/** One media type of a body, of a request or of an answer. */
export interface Content {
  readonly mediaType: string
  /** The schema of its content; null for bytes. */
  readonly schema: Schema | null
}

/** The contents of an answer that is always JSON of one schema. */
export const json = (schema: Schema): readonly Content[] => [
  { mediaType: 'application/json', schema },
]

/** The contents of an answer that is always bytes of one media type. */
export const bytes = (mediaType: string): readonly Content[] => [{ mediaType, schema: null }]

/** The body that a route accepts. */
export interface RequestBody {
  readonly description: string
  readonly contents: readonly Content[]
  /** The limit in bytes: its name among `Limits`, or a fixed number. */
  readonly maxBytes: keyof Limits | number
  /** False if the route also accepts requests without a body. Default: true. */
  readonly required?: boolean
}

/** How many bytes a body may have. */
export const bodyLimit = ({ maxBytes }: Pick<RequestBody, 'maxBytes'>, limits: Limits): number =>
  typeof maxBytes === 'number' ? maxBytes : limits[maxBytes]

/** One answer that is not an error. */
export interface Answer {
  readonly status: number
  readonly description: string
  /** Empty for an answer without a body. */
  readonly contents: readonly Content[]
  /** Headers that are part of the contract. */
  readonly headers?: readonly string[]
}

export type RouteHandler = (c: Context, allowed: Allowed) => Response | Promise<Response>

/**
 * The one description of a route: the app, the OpenAPI document and the API reference are made from it.
 */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  /** The path below the mount point, in Hono's form. */
  readonly path: string
  /** Its `operationId`. */
  readonly name: string
  /** The action that the hook is asked about; null for a route that does not call the hook. */
  readonly action: Action | null
  readonly summary: string
  readonly description?: string
  /** Whether new clients use another route. */
  readonly isDeprecated?: boolean
  readonly parameters: readonly Parameter<unknown>[]
  readonly body?: RequestBody
  readonly answers: readonly Answer[]
  /** Its error codes, in addition to those of every route of its kind. */
  readonly errors: readonly ServerErrorCode[]
  /** Whether its answers are compressed, unless they are live. */
  readonly compressed?: boolean
  /**
   * Default: an answer may be large, and is counted (`maxAnswersBytes`) when it is finished. `small`: an answer
   * has some hundred bytes at most, whatever is stored. `counted`: the handler counts its answers itself,
   * or streams them without holding them. A route that answers with a stream must say so.
   */
  readonly answerSize?: 'small' | 'counted'
  /** Whether its requests are handled at once, without waiting for their turn among other requests. */
  readonly isUrgent?: boolean
  /** Whether its live answers are streams, which `POST /live` can join with others. */
  readonly isStream?: boolean
  readonly handler: (context: RouteContext) => RouteHandler
}

/** Error codes of every route of a document. */
const EVERY_ROUTE: readonly ServerErrorCode[] = ['internal', 'server_busy', 'database_unavailable']

/** Error codes of every path, also of those that concern no document. */
const EVERYWHERE: readonly ServerErrorCode[] = ['host_not_allowed']

/** Error codes of every route that changes something. */
const WRITING: readonly ServerErrorCode[] = ['cross_site_request', 'unsupported_media_type']

/** The codes of routes with a body: it arrives too slowly, or another part of the app has read it. */
const WITH_BODY: readonly ServerErrorCode[] = ['request_timeout', 'body_consumed']

/** The codes with which a route may refuse a request before its handler runs. */
const GUARDED: readonly ServerErrorCode[] = [
  'invalid_request',
  'unauthenticated',
  'forbidden',
  'authorization_unavailable',
  'too_many_requests',
  'quota_exceeded',
]

/** Methods that store something. A deletion is allowed on a full disk, because it frees space. */
const STORING: ReadonlySet<Route['method']> = new Set(['PUT', 'POST', 'PATCH'])

/** True for a route that needs room on the disk of the database. */
export const isStoring = ({ method }: Pick<Route, 'method'>): boolean => STORING.has(method)

/** All codes that a route may answer, each once. */
export function errorsOf(route: Route): readonly ServerErrorCode[] {
  const { method, action, body, errors, answerSize } = route
  const reading = body === undefined ? [] : WITH_BODY
  const writing = method === 'GET' ? [] : WRITING
  if (action === null) {
    // The bodies of all requests together have a budget, and so have large answers.
    const isCounted = body !== undefined || answerSize === undefined
    const busy: readonly ServerErrorCode[] = isCounted ? ['server_busy'] : []
    return [...new Set([...errors, ...reading, ...busy, ...writing, ...EVERYWHERE])]
  }
  const subject: readonly ServerErrorCode[] = action === 'list' ? [] : ['invalid_doc_id']
  const storing: readonly ServerErrorCode[] = isStoring(route) ? ['storage_full'] : []
  return [
    ...new Set([
      ...subject,
      ...GUARDED,
      ...writing,
      ...errors,
      ...reading,
      ...storing,
      ...EVERY_ROUTE,
      ...EVERYWHERE,
    ]),
  ]
}
