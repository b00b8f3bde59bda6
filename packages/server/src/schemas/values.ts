// The building blocks of schemas. A schema is the only definition of a request or an answer: it checks
// values, it is a part of the OpenAPI document, and the exported type is inferred from it.
import * as v from 'valibot'

/** A schema without its library's details. */
export type Schema<T = unknown> = v.GenericSchema<unknown, T>

/** The values of a schema as code sees them, readonly at every level. */
export type Output<S extends v.GenericSchema> = DeepReadonly<v.InferOutput<S>>

type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T

type Described<S extends v.GenericSchema> = v.GenericSchema<v.InferInput<S>, v.InferOutput<S>>

/** The schema with its description. */
export const described = <S extends v.GenericSchema>(
  schema: S,
  description: string | undefined,
): Described<S> => (description === undefined ? schema : v.pipe(schema, v.description(description)))

/** An object with exactly these members. */
export const object = <M extends v.ObjectEntries>(members: M, description?: string) =>
  described(v.strictObject(members), description)

/** A body with these members; others are ignored. */
export const bodyOf = <M extends v.ObjectEntries>(members: M) => v.object(members)

export const optional = v.optional

export const array = <S extends v.GenericSchema>(items: S, description?: string) =>
  described(v.array(items), description)

export const nullable = <S extends v.GenericSchema>(schema: S) => v.nullable(schema)

export const union = <const S extends readonly v.GenericSchema[]>(
  schemas: S,
  description?: string,
) => described(v.union(schemas), description)

export const integer = (description?: string) =>
  described(v.pipe(v.number(), v.integer()), description)

export const number = (description?: string) => described(v.number(), description)

/** A number from 0 to 1. */
export const fraction = (description?: string) =>
  described(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), description)

/** A whole number from `minimum` to `maximum`. */
export const integerFrom = (minimum: number, maximum: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum))

export const text = (description?: string) => described(v.string(), description)

/** Text with a length from `minLength` to `maxLength`, in UTF-16 code units. */
export const textOf = (minLength: number, maxLength: number, description?: string) =>
  described(v.pipe(v.string(), v.minLength(minLength), v.maxLength(maxLength)), description)

export const boolean = (description?: string) => described(v.boolean(), description)

export const choice = <const T extends readonly string[]>(values: T, description?: string) =>
  described(v.picklist(values), description)

export const literal = <const T extends string>(value: T) => v.literal(value)

/** Any JSON value. */
export const anything = (description?: string) => described(v.unknown(), description)

/** An object that is described elsewhere. */
export const someObject = (description?: string) => described(v.looseObject({}), description)

/** A time in ISO 8601, with its time zone. */
export const TIME = v.pipe(v.string(), v.isoTimestamp())
