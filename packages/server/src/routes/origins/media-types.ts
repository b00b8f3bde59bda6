import type { Context } from 'hono'
import { RequestError } from '../../errors.ts'
import { mediaTypeOf } from '../body.ts'
import type { Route } from '../description.ts'

const JSON_TYPE = 'application/json'

/**
 * Refuses a body of a kind that the route does not take. HTML forms, and scripts that ask nobody for
 * permission, can only send a few media types to another origin, and almost no route takes one of these.
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
      // Many clients say this of every request, one without a body among them.
      ...(isOptional ? [JSON_TYPE] : []),
    ]),
  ]
  if (sent !== undefined && taken.includes(sent)) return
  throw new RequestError(
    'unsupported_media_type',
    `this is sent as ${taken.join(', ')}, not as ${sent ?? 'nothing'}`,
  )
}
