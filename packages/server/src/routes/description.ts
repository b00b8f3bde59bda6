import type { Context } from 'hono'
import type { ServerErrorCode } from 'y-electric/protocol'
import type { Action } from '../auth.ts'
import type { Limits } from '../limits.ts'
import type { Allowed, RouteContext } from './context.ts'
import type { JsonSchema } from './json-schema.ts'
import type { Parameter } from './parameters.ts'

/** One kind of body, of a request or of an answer. */
export interface Content {
  readonly mediaType: string
  /** The schema of its content; null for bytes. */
  readonly schema: JsonSchema | null
}

/** The one kind of JSON that an answer is. */
export const json = (schema: JsonSchema): readonly Content[] => [
  { mediaType: 'application/json', schema },
]

/** Bytes of the one kind that an answer is. */
export const bytes = (mediaType: string): readonly Content[] => [{ mediaType, schema: null }]

/** The body that a route takes. */
export interface RequestBody {
  readonly description: string
  readonly contents: readonly Content[]
  /** The limit in bytes: its name among `Limits`, or a fixed number. */
  readonly maxBytes: keyof Limits | number
  /** False where the same route is also asked without a body. Default: true. */
  readonly required?: boolean
}

/** How many bytes a body may have. */
export const bodyLimit = ({ maxBytes }: Pick<RequestBody, 'maxBytes'>, limits: Limits): number =>
  typeof maxBytes === 'number' ? maxBytes : limits[maxBytes]

/** One answer that is no refusal. */
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
 * One route, once: the app is made of these, and so are the OpenAPI document and the API reference.
 */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the mount point, in Hono's form. */
  readonly path: string
  /** Its `operationId`. */
  readonly name: string
  /** The action that the hook is asked about; null for a route that does not ask the hook. */
  readonly action: Action | null
  readonly summary: string
  readonly description?: string
  readonly parameters: readonly Parameter<unknown>[]
  readonly body?: RequestBody
  readonly answers: readonly Answer[]
  /** Its error codes, beyond those of every route of its kind. */
  readonly errors: readonly ServerErrorCode[]
  /** Its answers are worth compressing, unless they are live. */
  readonly compressed?: boolean
  /** Its live answers are streams, which `POST /live` can join with others. */
  readonly isStream?: boolean
  readonly handler: (context: RouteContext) => RouteHandler
}

/** Error codes of every route of a document. */
const EVERY_ROUTE: readonly ServerErrorCode[] = ['internal', 'server_busy', 'database_unavailable']

/** Error codes of every path, also of those that are about no document. */
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
  'too_many_requests',
  'quota_exceeded',
]

/** Methods that store something. A deletion is let through on a full disk, since it frees space. */
const STORING: ReadonlySet<Route['method']> = new Set(['PUT', 'POST', 'PATCH'])

/** True for a route that needs room on the disk of the database. */
export const isStoring = ({ method }: Pick<Route, 'method'>): boolean => STORING.has(method)

/** All codes that a route may answer, each once. */
export function errorsOf(route: Route): readonly ServerErrorCode[] {
  const { method, action, body, errors } = route
  const reading = body === undefined ? [] : WITH_BODY
  const writing = method === 'GET' ? [] : WRITING
  if (action === null) {
    // The bodies of all requests together have a budget.
    const busy: readonly ServerErrorCode[] = body === undefined ? [] : ['server_busy']
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
