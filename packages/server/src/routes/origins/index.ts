import type { Context, Hono, MiddlewareHandler } from 'hono'
import { RequestError } from '../../errors.ts'
import {
  allowsAnyOrigin,
  type CorsOptions,
  corsHeaders,
  isNamedOrigin,
  type RouteFacts,
} from './cors.ts'
import { type AllowedHosts, isAllowedHost, isHostEntry } from './hosts.ts'
import { hasAmbientCredentials, isForeignWrite } from './sites.ts'

export type { CorsOptions } from './cors.ts'
export { type AllowedHosts, isAllowedHost, isHostEntry } from './hosts.ts'
export { requireMediaTypeOf } from './media-types.ts'

/** The pages that may use the API, and the names under which it answers. */
export interface OriginOptions extends RouteFacts {
  /** Pages of other origins that may read and write. Default: none. */
  readonly cors?: CorsOptions | undefined
  /** Names that requests may use, besides addresses and loopback names; null: any. */
  readonly allowedHosts: AllowedHosts | null
}

/**
 * Applies the rules about foreign pages to the routes that are added later.
 * @throws {RangeError} if an entry of `allowedHosts` is not a host name
 */
export function protectFromForeignPages(app: Hono, options: OriginOptions): void {
  const { cors, allowedHosts } = options
  app.use('*', safetyHeaders)
  if (allowedHosts !== null && allowedHosts !== '*') {
    const wrong = allowedHosts.find((entry) => !isHostEntry(entry))
    if (wrong !== undefined) {
      throw new RangeError(
        `allowedHosts: "${wrong}" is not a host name: write "notes.example.com", without scheme and port`,
      )
    }
    app.use('*', requireHost(allowedHosts))
  }
  if (cors !== undefined) app.use('*', corsHeaders(cors, options))
  app.use('*', refuseForeignWrites(cors))
}

/** Browsers must not guess types, and other sites must not embed answers. */
const safetyHeaders: MiddlewareHandler = async (c, next) => {
  await next()
  c.header('x-content-type-options', 'nosniff')
  c.header('cross-origin-resource-policy', 'same-origin')
}

/** The name and port of this server that the client used. */
const hostOf = (c: Context): string => c.req.header('host') ?? new URL(c.req.url).host

const requireHost =
  (allowed: AllowedHosts): MiddlewareHandler =>
  async (c, next) => {
    const host = hostOf(c)
    if (!isAllowedHost(host, allowed)) {
      throw new RequestError(
        'host_not_allowed',
        `this server does not answer as "${host}": if that is its name, add it to ALLOWED_HOSTS (or to the option allowedHosts)`,
      )
    }
    await next()
  }

const refuseForeignWrites =
  (cors: CorsOptions | undefined): MiddlewareHandler =>
  async (c, next) => {
    const origin = c.req.header('origin') ?? null
    // A page cannot set `x-forwarded-host` without a preflight, so the header can be trusted here.
    const forwarded =
      c.req
        .header('x-forwarded-host')
        ?.split(',')
        .map((host) => host.trim()) ?? []
    const isForeign = isForeignWrite({
      method: c.req.method,
      site: c.req.header('sec-fetch-site') ?? null,
      origin,
      hosts: [hostOf(c), ...forwarded],
    })
    if (isForeign && !(await mayWrite(cors, origin, c))) {
      throw new RequestError(
        'cross_site_request',
        `a page of another origin (${origin ?? 'not named'}) may not change anything: if the page is yours, add it to CORS_ORIGINS (or to the option cors)`,
      )
    }
    await next()
  }

async function mayWrite(
  cors: CorsOptions | undefined,
  origin: string | null,
  c: Context,
): Promise<boolean> {
  if (cors === undefined || origin === null) return false
  if (await isNamedOrigin(cors, origin, c)) return true
  return (await allowsAnyOrigin(cors, origin, c)) && !hasAmbientCredentials(c.req.raw.headers)
}
