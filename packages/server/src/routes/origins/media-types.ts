import type { Context } from 'hono'
import { RequestError } from '../../errors.ts'
import { mediaTypeOf } from '../body.ts'
import type { Route } from '../description.ts'

const JSON_TYPE = 'application/json'

/**
 * Refuses a body with a media type that the route does not accept. HTML forms, and scripts without a
 * preflight, can only send a few media types to another origin, and almost no route accepts one of these.
 * @throws {RequestError} unsupported_media_type
 */
export function requireMediaTypeOf({ method, body }: Route, c: Context): void {
  if (method === 'GET') return
  const sent = mediaTypeOf(c)
  const isOptional = body === undefined || body.required === false
  if (sent === undefined && isOptional) return
  const taken = [
    ...new Set([
      ...(body?.contents ?? []).map(({ mediaType }) => mediaType),
      // Many clients send this header with every request, even without a body.
      ...(isOptional ? [JSON_TYPE] : []),
    ]),
  ]
  if (sent !== undefined && taken.includes(sent)) return
  throw new RequestError(
    'unsupported_media_type',
    `send the body as ${taken.join(', ')}, not as ${sent ?? 'nothing'}`,
  )
}
