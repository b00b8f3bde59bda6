import type { Context } from 'hono'
import * as v from 'valibot'
import { WRITER_CLIENT_HEADER, WRITER_NAME_HEADER } from 'y-electric/protocol'
import type { WriterList } from '../schemas/writers.ts'
import { MAX_CLIENT_ID, readWriters, type WriterNote } from '../store/index.ts'
import type { Allowed, RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { digits, parameter, read } from './parameters.ts'
import { isStorable } from './unreadable.ts'
import { MAX_USER_LENGTH } from './user-name.ts'

export const WRITER_CLIENT = parameter(
  {
    in: 'header',
    name: WRITER_CLIENT_HEADER,
    description:
      'The Yjs client id of the writer. With it, the server keeps the user and the name for `GET …/writers`.',
  },
  digits(0, MAX_CLIENT_ID),
)

export const WRITER_NAME = parameter(
  {
    in: 'header',
    name: WRITER_NAME_HEADER,
    description:
      'The name of the writer, percent-encoded. A name that `authorize` returns comes before it.',
  },
  v.pipe(
    v.string(),
    v.check(isPercentEncoded),
    v.transform(decodeURIComponent),
    v.string(),
    v.minLength(1),
    v.maxLength(MAX_USER_LENGTH),
    v.check(isStorable),
  ),
)

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** The writer that a request names; null if it names none. @throws {RequestError} invalid_request */
export function writerOf(c: Context, allowed: Writer): WriterNote | null {
  const clientId = read(c, WRITER_CLIENT)
  const writer = namedWriterOf(c, allowed)
  return clientId === null || writer === null ? null : { ...writer, clientId }
}

type Writer = Pick<Allowed, 'docId' | 'user' | 'name'>

/**
 * The writer that a request names, for edits that the server makes.
 * @throws {RequestError} invalid_request
 */
export function namedWriterOf(
  c: Context,
  { docId, user, name: trusted }: Writer,
): Omit<WriterNote, 'clientId'> | null {
  const claimed = read(c, WRITER_NAME)
  const name = trusted ?? claimed
  if (name === null && user === null) return null
  return { docId, user, name, isTrusted: trusted !== null }
}

/** `GET /docs/:docId/writers`: the names of the writers, by Yjs client id. */
export function getWriters({ pool }: RouteContext): RouteHandler {
  return async (c, { docId }) => {
    const writers = await readWriters(pool, docId)
    return c.json({ writers } satisfies WriterList, 200, { 'cache-control': 'private, no-cache' })
  }
}
