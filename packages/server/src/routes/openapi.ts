import { ERROR_STATUS, type ServerErrorCode } from 'y-electric/protocol'
import type { Limits } from '../limits.ts'
import { choice, object, text } from '../schemas/values.ts'
import {
  type Answer,
  bodyLimit,
  type Content,
  errorsOf,
  json,
  type RequestBody,
  type Route,
} from './description.ts'
import {
  type JsonSchema,
  jsonSchemaOf,
  type NamedSchemas,
  namedJsonSchemas,
} from './json-schema.ts'
import type { Parameter } from './parameters.ts'

/** Facts about the server that an OpenAPI document contains besides the routes. */
export interface OpenApiOptions {
  readonly limits: Limits
  readonly schemas: NamedSchemas
}

/**
 * The routes as an OpenAPI 3.1 document, without the address of the server. Pure: the same routes make the same
 * document.
 */
export function openApiDocument(routes: readonly Route[], { limits, schemas }: OpenApiOptions) {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: operation(route, limits, schemas),
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'y-electric',
      version: '1',
      summary: 'Collaborative Yjs documents as rows in your own Postgres.',
    },
    paths,
    components: { schemas: namedJsonSchemas(schemas) },
  }
}

function operation(route: Route, limits: Limits, named: NamedSchemas): object {
  const { name, summary, description, isDeprecated, action, path, parameters, body } = route
  const documentId = path.includes(':docId') ? [DOC_ID] : []
  return {
    operationId: name,
    summary,
    ...(description !== undefined && { description }),
    ...(isDeprecated && { deprecated: true }),
    tags: [path.includes('/awareness') ? 'presence' : (path.split('/')[1] ?? '')],
    // The action that the `authorize` hook decides about; how users authenticate is up to the app.
    'x-action': action,
    parameters: [...documentId, ...parameters.map(parameterObject)],
    ...(body !== undefined && { requestBody: requestBody(body, limits, named) }),
    responses: responses(route, named),
  }
}

const DOC_ID = {
  in: 'path',
  name: 'docId',
  required: true,
  description: 'The id of the document, percent-encoded.',
  schema: { $ref: '#/components/schemas/DocId' },
}

const parameterObject = ({
  in: place,
  name,
  description,
  required,
  schema,
  fallback,
}: Parameter<unknown>) => ({
  in: place,
  name,
  required,
  description,
  schema: { ...jsonSchemaOf(schema), ...(fallback !== null && { default: fallback }) },
})

function requestBody(body: RequestBody, limits: Limits, named: NamedSchemas): object {
  const option = typeof body.maxBytes === 'number' ? '' : ` (\`${body.maxBytes}\`)`
  return {
    description: `${body.description} At most ${bodyLimit(body, limits)} bytes${option}.`,
    required: body.required ?? true,
    content: contents(body.contents, named),
  }
}

/** Formats that share a media type become alternatives of one entry. */
function contents(all: readonly Content[], named: NamedSchemas): Record<string, object> {
  const byType = new Map<string, JsonSchema[]>()
  for (const { mediaType, schema } of all) {
    const schemas = byType.get(mediaType) ?? []
    byType.set(mediaType, schema === null ? schemas : [...schemas, jsonSchemaOf(schema, named)])
  }
  return Object.fromEntries(
    [...byType].map(([mediaType, [first, ...others]]) => [
      mediaType,
      // In OpenAPI 3.1, raw bytes have no schema.
      first === undefined
        ? {}
        : { schema: others.length === 0 ? first : { anyOf: [first, ...others] } },
    ]),
  )
}

function responses(route: Route, named: NamedSchemas): Record<string, object> {
  const refusals = [...byStatus(errorsOf(route))].map(([status, codes]) => refusal(status, codes))
  const found = new Map<number, Answer>()
  for (const answer of [...route.answers, ...refusals]) {
    const before = found.get(answer.status)
    found.set(answer.status, before === undefined ? answer : merge(before, answer))
  }
  const inOrder = [...found].sort(([a], [b]) => a - b)
  return Object.fromEntries(
    inOrder.map(([status, answer]) => [String(status), response(answer, named)]),
  )
}

/** Merges the meanings of a status that both Electric and this server answer. */
const merge = (a: Answer, b: Answer): Answer => ({
  ...a,
  description: `${a.description} Or: ${b.description}`,
  contents: [...a.contents, ...b.contents],
})

function byStatus(codes: readonly ServerErrorCode[]): Map<number, ServerErrorCode[]> {
  const found = new Map<number, ServerErrorCode[]>()
  for (const code of codes) {
    const status = ERROR_STATUS[code]
    found.set(status, [...(found.get(status) ?? []), code])
  }
  return found
}

const response = (
  { description, contents: bodies, headers = [] }: Answer,
  named: NamedSchemas,
): object => ({
  description,
  ...(bodies.length > 0 && { content: contents(bodies, named) }),
  ...(headers.length > 0 && {
    headers: Object.fromEntries(headers.map((name) => [name, { schema: { type: 'string' } }])),
  }),
})

const refusal = (status: number, codes: readonly ServerErrorCode[]): Answer => ({
  status,
  description: codes.map((code) => `\`${code}\``).join(', '),
  contents: json(
    object({
      error: object({
        code: choice(codes),
        message: text('For people; it may change.'),
      }),
    }),
  ),
})
