import type { Context } from 'hono'
import * as v from 'valibot'
import { RequestError } from '../errors.ts'
import type { Schema } from '../schemas/values.ts'
import { MAX_JSON_BYTES, readJsonObject } from './body.ts'

/**
 * Reads a small JSON body.
 * @param words the schema in words, for the error message
 * @throws {RequestError} invalid_request, body_consumed
 */
export async function readJson<T>(
  c: Context,
  schema: Schema<T>,
  words: string,
  maxBytes = MAX_JSON_BYTES,
): Promise<T> {
  const sent = await readJsonObject(c, maxBytes)
  const { success, output } = v.safeParse(schema, sent, { abortEarly: true, abortPipeEarly: true })
  if (success) return output
  throw new RequestError('invalid_request', `the body must be ${words}`)
}
