import type { Context } from 'hono'
import { RequestError } from '../errors.ts'
import type { JsonSchema } from './json-schema.ts'
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
  readonly schema: JsonSchema
  /** The value of a parameter that is not sent. */
  readonly fallback: T | null
  /** Null if the text does not match the schema. */
  readonly parse: (text: string) => T | null
}

/** Below the largest integer that JavaScript holds exactly. */
export const MAX_SEQ = 10 ** 15 - 1

interface About {
  readonly in?: Parameter<unknown>['in']
  readonly name: string
  readonly description: string
  readonly required?: boolean
}

export function integerParameter({
  minimum = 0,
  maximum = MAX_SEQ,
  fallback = null,
  ...about
}: About & {
  readonly minimum?: number
  readonly maximum?: number
  readonly fallback?: number | null
}): Parameter<number> {
  return {
    ...complete(about),
    fallback,
    schema: {
      type: 'integer',
      minimum,
      maximum,
      ...(fallback === null ? {} : { default: fallback }),
    },
    parse(text) {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
      return value >= minimum && value <= maximum ? value : null
    },
  }
}

export function textParameter({
  minLength = 1,
  maxLength,
  ...about
}: About & { readonly minLength?: number; readonly maxLength: number }): Parameter<string> {
  return {
    ...complete(about),
    fallback: null,
    schema: { type: 'string', minLength, maxLength },
    parse: (text) =>
      text.length >= minLength && text.length <= maxLength && isStorable(text) ? text : null,
  }
}

export function choiceParameter<T extends string>({
  values,
  ...about
}: About & { readonly values: readonly T[] }): Parameter<T> {
  return {
    ...complete(about),
    fallback: null,
    schema: { type: 'string', enum: values },
    parse: (text) => values.find((value) => value === text) ?? null,
  }
}

/** A parameter that is accepted in any form and passed on unchanged. */
export function opaqueParameter(
  about: About & { readonly schema?: JsonSchema },
): Parameter<string> {
  const { schema = { type: 'string' }, ...rest } = about
  return { ...complete(rest), fallback: null, schema, parse: (text) => text }
}

const complete = ({ in: place = 'query', required = place === 'path', ...about }: About) => ({
  ...about,
  in: place,
  required,
})

/** Reads a parameter. @throws {RequestError} invalid_request, with the valid values */
export function read<T>(c: Context, parameter: Parameter<T>): T | null {
  const text = textOf(c, parameter)
  if (text === undefined) {
    if (parameter.required) throw refusal(parameter)
    return parameter.fallback
  }
  const value = parameter.parse(text)
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
  new RequestError('invalid_request', `${name} must be ${inWords(schema)}`)

/** The schema of a parameter, in words. */
export function inWords(schema: JsonSchema): string {
  if (schema.oneOf !== undefined) return schema.oneOf.map(inWords).join(', or ')
  if (schema.const !== undefined) return `"${schema.const}"`
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`
  if (schema.type === 'integer') {
    return schema.maximum === MAX_SEQ
      ? `a whole number from ${schema.minimum}`
      : `a whole number from ${schema.minimum} to ${schema.maximum}`
  }
  if (schema.maxLength === undefined) return 'text'
  return schema.minLength === 0
    ? `text of at most ${schema.maxLength} characters`
    : `text of ${schema.minLength} to ${schema.maxLength} characters`
}
