// Checks answers against the OpenAPI document.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { OpenApi, Operation } from '../../tools/reference/http.ts'

/** A route as the document describes it. */
export interface Described {
  readonly method: string
  /** The path template, with `{docId}` in it. */
  readonly path: string
  readonly operation: Operation
}

export interface Contract {
  readonly document: OpenApi & Record<string, unknown>
  readonly routes: readonly Described[]
  /** Reads the body of an answer and returns how it differs from the description, or null. */
  problem(name: string, response: Response): Promise<string | null>
}

/** The error codes that the document lists for a route. */
export const codesOf = ({ operation }: Described): string[] =>
  Object.entries(operation.responses)
    .filter(([status]) => Number(status) >= 400)
    .flatMap(([, { description }]) => [...description.matchAll(/`([a-z_]+)`/g)])
    .map(([, code = '']) => code)

export async function readContract(url: string): Promise<Contract> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Contract['document']
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )
  // OpenAPI adds members that are not keywords of JSON Schema.
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema(document, 'openapi')
  const validators = new Map<string, ValidateFunction>()
  /** Ajv compiles a schema for each new object that names it, so the answers of a route share one. */
  const validatorOf = (pointer: string): ValidateFunction => {
    const validator = validators.get(pointer) ?? ajv.compile({ $ref: `openapi#/${pointer}` })
    validators.set(pointer, validator)
    return validator
  }

  const find = (name: string): Described => {
    const found = routes.find(({ operation }) => operation.operationId === name)
    if (found === undefined) throw new Error(`no route is called ${name}`)
    return found
  }

  return {
    document,
    routes,
    async problem(name, response) {
      const { path, method, operation } = find(name)
      const { status } = response
      const answer = operation.responses[status]
      const text = await response.text()
      if (answer === undefined) return `${status} is not described: ${text.slice(0, 300)}`
      const mediaType = response.headers.get('content-type')?.split(';')[0] ?? ''
      if (answer.content === undefined) {
        return text === '' ? null : `${status} has a body: ${text.slice(0, 300)}`
      }
      const content = answer.content[mediaType]
      if (content === undefined)
        return `${status} is described, but not with the media type "${mediaType}"`
      if (content.schema === undefined || !/[/+]json$/.test(mediaType)) return null
      const place = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content']
      const pointer = [...place, mediaType, 'schema'].map(escaped).join('/')
      const validate = validatorOf(pointer)
      const isValid = validate(JSON.parse(text))
      return isValid
        ? null
        : `${status}: ${ajv.errorsText(validate.errors)} in ${text.slice(0, 500)}`
    },
  }
}

/** Escapes one step of a JSON pointer that is part of a URL fragment. */
const escaped = (step: string): string =>
  encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))
