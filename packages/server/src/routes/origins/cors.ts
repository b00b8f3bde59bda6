import type { Context, MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import {
  BACKLOG_HEADER,
  IDEMPOTENCY_KEY_HEADER,
  NEWEST_HEADER,
  WRITER_CLIENT_HEADER,
  WRITER_NAME_HEADER,
} from 'y-electric/protocol'

type HonoCorsOptions = NonNullable<Parameters<typeof cors>[0]>

/**
 * The pages of other origins that may use the API: the options of `hono/cors`. `origin` has no default.
 * With `*` every page may read and write, but not with cookies or credentials that a browser adds by itself.
 */
export interface CorsOptions extends HonoCorsOptions {
  readonly origin: NonNullable<HonoCorsOptions['origin']>
}

/** Facts about the routes that answers to other origins depend on. */
export interface RouteFacts {
  /** Every method that some route accepts. */
  readonly methods: readonly string[]
  /** Headers of their answers that pages may read, besides those of the protocol. */
  readonly exposedHeaders: readonly string[]
}

/** Response headers that Electric's client and ours read. */
const EXPOSED_HEADERS = [
  'electric-cursor',
  'electric-handle',
  'electric-offset',
  'electric-schema',
  'electric-snapshot',
  'electric-up-to-date',
  'etag',
  'retry-after',
  NEWEST_HEADER,
  BACKLOG_HEADER,
]

/** Request headers of our client. An app that lists the headers of its own pages does not have to list these. */
const REQUEST_HEADERS = [
  'content-type',
  IDEMPOTENCY_KEY_HEADER,
  WRITER_CLIENT_HEADER,
  WRITER_NAME_HEADER,
]

/** How long a browser may reuse the answer to a preflight, in seconds. */
const PREFLIGHT_MAX_AGE_SECONDS = 600

/** Answers preflights and adds the headers that let the pages of the allowed origins read answers. */
export const corsHeaders = (
  options: CorsOptions,
  { methods, exposedHeaders }: RouteFacts,
): MiddlewareHandler =>
  cors({
    allowMethods: [...methods],
    maxAge: PREFLIGHT_MAX_AGE_SECONDS,
    ...options,
    // If the app lists no headers, a preflight allows the headers that it asks for.
    ...((options.allowHeaders?.length ?? 0) > 0 && {
      allowHeaders: [...new Set([...(options.allowHeaders ?? []), ...REQUEST_HEADERS])],
    }),
    exposeHeaders: [
      ...new Set([...EXPOSED_HEADERS, ...exposedHeaders, ...(options.exposeHeaders ?? [])]),
    ],
  })

/** True if `cors` names this origin itself; `*` does not count. */
export async function isNamedOrigin(
  { origin: allowed }: CorsOptions,
  origin: string,
  c: Context,
): Promise<boolean> {
  if (typeof allowed === 'function') {
    const answer = await allowed(origin, c)
    return answer === origin
  }
  return typeof allowed === 'string' ? allowed === origin : allowed.includes(origin)
}

/** True if `cors` lets every page use the API. */
export async function allowsAnyOrigin(
  { origin: allowed }: CorsOptions,
  origin: string,
  c: Context,
): Promise<boolean> {
  if (typeof allowed === 'function') return (await allowed(origin, c)) === '*'
  return allowed === '*'
}
