// The HTTP part of the reference, made from the OpenAPI document that the server serves.
import { anchor, inWords, type Schema, table } from './markdown.ts'

interface Body {
  readonly description: string
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>
}

export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly 'x-action': string | null
  readonly parameters: readonly {
    readonly in: string
    readonly name: string
    readonly required: boolean
    readonly description: string
    readonly schema: Schema
  }[]
  readonly requestBody?: Body
  readonly responses: Readonly<Record<string, Body>>
}

/** The parts of an OpenAPI document that the server uses. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

const headingOf = (method: string, path: string): string => `${method.toUpperCase()} ${path}`

export function httpReference({ paths, components }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      heading: headingOf(method, path),
      operation,
    })),
  )
  const contents = table(
    ['request', 'does', 'action for `authorize`'],
    operations.map(({ heading, operation }) => [
      `[\`${heading}\`](#${anchor(heading)})`,
      operation.summary,
      operation['x-action'] ?? 'none',
    ]),
  )
  return [
    '## HTTP',
    'All paths are relative to the mount point: `/api` with `npm start`. `GET /openapi.json` returns the same description as an OpenAPI 3.1 document. Every refusal is `{"error": {"code", "message"}}` with a code of a closed list; decide by status and code. The tables omit most of the following refusals. Every route can answer 500 `internal`, 503 `database_unavailable` and 503 `server_busy` (the bodies of all requests together take too much memory, too many files are open, or too much other work waits; both 503 with `Retry-After`). Every path can answer 421 `host_not_allowed` (the server does not know the host name of the request). A route with a body can answer 408 `request_timeout` (the body arrives too slowly) and 500 `body_consumed` (another part of the app, such as `express.json()`, has read the body: mount y-electric before it). A route that stores something can answer 507 `storage_full` (with `Retry-After`). A route of a document can answer 400 `invalid_doc_id`, 400 `invalid_request` (also for a path or query that is not UTF-8 or contains a NUL character), 401 `unauthenticated` and 403 `forbidden`. A route that changes something can answer 403 `cross_site_request` (a page of another origin sent the request) and 415 `unsupported_media_type`.',
    contents,
    ...operations.map(({ heading, operation }) => section(heading, operation)),
    '### Contents of answers',
    ...Object.entries(components.schemas).map(([name, schema]) => schemaSection(name, schema)),
  ].join('\n\n')
}

function section(heading: string, operation: Operation): string {
  const { summary, description, parameters, requestBody, responses } = operation
  return [
    `### ${heading}`,
    `${summary}.${description === undefined ? '' : ` ${description}`}`,
    ...(parameters.length > 0 ? [parameterTable(parameters)] : []),
    ...(requestBody === undefined
      ? []
      : [`Body: ${mediaTypes(requestBody)}. ${requestBody.description}`]),
    table(['status', 'is', 'as'], answerRows(responses)),
  ].join('\n\n')
}

const parameterTable = (parameters: Operation['parameters']): string =>
  table(
    ['parameter', 'in', 'is', ''],
    alike(parameters).map(([{ in: place, required, schema, description }, names]) => [
      names.map((name) => `\`${name}\``).join(', '),
      place,
      inWords(schema) +
        (schema.default === undefined || schema.default === '' ? '' : ` (\`${schema.default}\`)`),
      `${required ? '' : 'Optional. '}${description}`,
    ]),
  )

/** Groups neighbouring parameters that differ only in their name, so that they share a row. */
function alike(parameters: Operation['parameters']) {
  const rows: [Operation['parameters'][number], string[]][] = []
  for (const parameter of parameters) {
    const { name, ...rest } = parameter
    const last = rows.at(-1)
    const { name: _, ...before } = last?.[0] ?? { name: '' }
    if (last !== undefined && JSON.stringify(before) === JSON.stringify(rest)) last[1].push(name)
    else rows.push([parameter, [name]])
  }
  return rows
}

const mediaTypes = ({ content = {} }: Body): string =>
  Object.entries(content)
    .map(([type, { schema }]) =>
      schema === undefined || schema.type === 'string'
        ? `\`${type}\``
        : `\`${type}\` (${inWords(schema)})`,
    )
    .join(', ')

/** Codes that the introduction describes, and that the tables therefore omit. */
const COMMON =
  /^`(invalid_request|unauthenticated|forbidden|cross_site_request|unsupported_media_type|host_not_allowed|request_timeout|server_busy|storage_full|internal|body_consumed|database_unavailable)`$/

function answerRows(responses: Operation['responses']): string[][] {
  return Object.entries(responses).flatMap(([status, answer]) => {
    const isRefusal = Number(status) >= 400
    if (!isRefusal) return [[status, answer.description, mediaTypes(answer)]]
    const codes = answer.description.split(', ').filter((code) => !COMMON.test(code))
    return codes.length === 0 ? [] : [[status, codes.join(', '), '']]
  })
}

function schemaSection(name: string, schema: Schema): string {
  const { description, properties, anyOf } = schema
  return [
    `#### ${name}`,
    ...(description === undefined ? [] : [description]),
    ...(properties !== undefined
      ? [table(['member', 'is', ''], members(schema, ''))]
      : anyOf !== undefined
        ? [anyOf.map(alternative).join('\n')]
        : [`${inWords(schema)}.`]),
  ].join('\n\n')
}

const alternative = ({ properties = {} }: Schema): string =>
  `- ${Object.entries(properties)
    .map(([name, schema]) => `\`${name}\`: ${inWords(schema)}`)
    .join('; ')}`

/** Lists the members of a schema; nested members follow their parent and are named by path. */
function members({ properties = {}, required = [] }: Schema, prefix: string): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = `${prefix}${name}`
    const isOptional = required.includes(name) ? '' : 'Optional. '
    const row = [`\`${path}\``, kindOf(schema), isOptional + descriptionOf(schema)]
    const [nested, suffix] = nestedObject(schema)
    return nested === null ? [row] : [row, ...members(nested, `${path}${suffix}.`)]
  })
}

/** The name of a schema's type: `object` if its members are listed below it. */
function kindOf(schema: Schema): string {
  const [nested, suffix] = nestedObject(schema)
  if (nested === null) return inWords(schema)
  const kind = suffix === '' ? 'object' : 'array of objects'
  return schema.anyOf === undefined ? kind : `${kind} or null`
}

const descriptionOf = (schema: Schema): string =>
  schema.description ??
  schema.anyOf?.find(({ description }) => description !== undefined)?.description ??
  schema.items?.description ??
  ''

function nestedObject(schema: Schema): [schema: Schema | null, suffix: string] {
  const [only, other] = (schema.anyOf ?? [schema]).filter(({ type }) => type !== 'null')
  if (only === undefined || other !== undefined) return [null, '']
  if (only.properties !== undefined) return [only, '']
  return only.items?.properties === undefined ? [null, ''] : [only.items, '[]']
}
