import type { Context } from 'hono'
import * as v from 'valibot'
import { RequestError } from '../errors.ts'
import type { Schema } from '../schemas/values.ts'
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts'
import { isStorable } from './unreadable.ts'

/**
 * The one definition of a route's parameter, used for reading and for describing it.
 * `T` is the type of the value; an optional parameter that is not sent has its default, or null.
 */
export interface Parameter<T> {
  readonly in: 'path' | 'query' | 'header'
  readonly name: string
  readonly description: string
  readonly required: boolean
  /** Converts the text that was sent to the value. */
  readonly schema: Schema<T>
  /** The value of a parameter that is not sent. */
  readonly fallback: T | null
}

/** The largest sequence number: 15 digits, below the largest integer that JavaScript holds exactly. */
export const MAX_SEQ = 10 ** 15 - 1

interface About<T> {
  readonly in?: Parameter<unknown>['in']
  readonly name: string
  readonly description: string
  readonly required?: boolean
  readonly fallback?: T
}

export const parameter = <T>(
  { in: place = 'query', required = place === 'path', fallback, ...about }: About<T>,
  schema: Schema<T>,
): Parameter<T> => ({ ...about, in: place, required, fallback: fallback ?? null, schema })

/**
 * A whole number in decimal digits. Each number has only one spelling, so that no cache stores the same
 * answer twice.
 */
export const digits = (minimum = 0, maximum = MAX_SEQ) =>
  v.pipe(
    v.string(),
    v.regex(/^(?:0|[1-9]\d{0,14})$/),
    v.transform(Number),
    v.number(),
    v.integer(),
    v.minValue(minimum),
    v.maxValue(maximum),
  )

/** Text that Postgres can store. */
export const storableText = (minLength: number, maxLength: number) =>
  v.pipe(v.string(), v.minLength(minLength), v.maxLength(maxLength), v.check(isStorable))

/** The value of a text; null if it does not match the parameter. */
export function parsed<T>({ schema }: Pick<Parameter<T>, 'schema'>, text: string): T | null {
  const { success, output } = v.safeParse(schema, text, { abortEarly: true, abortPipeEarly: true })
  return success ? output : null
}

/** Reads a parameter. @throws {RequestError} invalid_request, with the valid values */
export function read<T>(c: Context, parameter: Parameter<T>): T | null {
  const text = textOf(c, parameter)
  if (text === undefined) {
    if (parameter.required) throw refusal(parameter)
    return parameter.fallback
  }
  const value = parsed(parameter, text)
  if (value === null) throw refusal(parameter)
  return value
}

/** The same for a parameter that is required or has a default. */
export function readRequired<T>(c: Context, parameter: Parameter<T>): T {
  const value = read(c, parameter)
  if (value === null) throw refusal(parameter)
  return value
}

function textOf(c: Context, { in: place, name }: Parameter<unknown>): string | undefined {
  if (place === 'path') return c.req.param(name)
  return place === 'query' ? c.req.query(name) : c.req.header(name)
}

const refusal = ({ name, schema }: Parameter<unknown>): RequestError =>
  new RequestError('invalid_request', `${name} must be ${inWords(jsonSchemaOf(schema))}`)

/** The schema of a parameter, in words. */
function inWords(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(inWords).join(', or ')
  if (schema.const !== undefined) return `"${schema.const}"`
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`
  if (schema.type === 'integer') {
    return schema.maximum === MAX_SEQ
      ? `a whole number from ${schema.minimum}`
      : `a whole number from ${schema.minimum} to ${schema.maximum}`
  }
  if (schema.maxLength === undefined) return 'text'
  return (schema.minLength ?? 0) === 0
    ? `text of at most ${schema.maxLength} characters`
    : `text of ${schema.minLength} to ${schema.maxLength} characters`
}
