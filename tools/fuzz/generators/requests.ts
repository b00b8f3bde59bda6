import { encodeFoldProposal } from 'y-electric/protocol'
import { ROUTES } from '../adapters/server.ts'
import type { Choices } from '../engine/choices.ts'
import type { Json } from '../engine/target.ts'
import { anyBytes, mutateBytes, toHex } from './bytes.ts'
import { honestDocument } from './honest.ts'
import { EDGES } from './numbers.ts'
import { anyPresenceUpdate } from './presence.ts'
import { anyUpdate } from './update-v1.ts'
import { runLengthBomb } from './update-v2.ts'
import { jsonText, NAMES } from './values.ts'

export interface FuzzRequest {
  readonly [key: string]: Json
  readonly method: string
  /** Path and query below the mount point, exactly as sent. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The body as hexadecimal text; null for none. */
  readonly body: string | null
}

/** The documents of hostile requests. The honest client uses another one. */
const DOC_IDS = [
  'a',
  'b',
  'c',
  'deleted',
  '%C3%BCn%C3%AF%F0%9F%98%80',
  '%2e%2e',
  '%00',
  '%ff',
  '',
  'x'.repeat(201),
] as const

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

const VALUES = [
  ...[
    '1',
    '0',
    '-1',
    '',
    'x',
    'null',
    'true',
    '%00',
    '%ff',
    '%',
    "'",
    '1;DROP',
    '../',
    '__proto__',
    '1e3',
  ],
  ...[
    '9223372036854775807',
    '9223372036854775808',
    '2147483648',
    '4294967296',
    'now',
    '0_0',
    '-1_0',
    'keep',
  ],
  ...[
    'json',
    'html',
    'markdown',
    'stats',
    'update',
    'text',
    'xml',
    'body',
    'a',
    '%F0%9F%98%80',
    '+',
    '1&x=2',
  ],
] as const

const MEDIA_TYPES = [
  ...['application/octet-stream', 'application/json', 'text/html', 'text/markdown', 'text/plain'],
  ...[
    'application/vnd.y-electric.fold',
    'application/vnd.prosemirror+json',
    'application/vnd.yjs.update-v1',
  ],
  ...['application/vnd.yjs.update-v2', 'multipart/form-data', 'x', '', 'text/html; charset=utf-16'],
] as const

/** Makes some requests, which are sent one after the other. */
export const anyRequests = (choices: Choices): FuzzRequest[] =>
  choices.list(1, choices.oneIn(3) ? 4 : 1, () => anyRequest(choices))

function anyRequest(choices: Choices): FuzzRequest {
  const route = choices.pick(ROUTES)
  const method = choices.oneIn(10) ? choices.pick(METHODS) : route.method
  const path = route.path.replace(/:(\w+)/g, (_, name: string) =>
    name === 'docId' ? choices.pick(DOC_IDS) : choices.pick(VALUES),
  )
  const headers: Record<string, string> = {}
  const query: string[] = []
  for (const parameter of route.parameters) {
    if (parameter.in === 'path' || choices.oneIn(3)) continue
    const values = valuesOf(parameter.schema)
    const value = choices.oneIn(3) ? choices.pick(VALUES) : choices.pick(values)
    if (parameter.in === 'query') query.push(`${parameter.name}=${value}`)
    else headers[parameter.name.toLowerCase()] = headerOf(choices, parameter.name, value)
  }
  if (choices.oneIn(8))
    query.push(`${choices.pick(NAMES.map(encodeURIComponent))}=${choices.pick(VALUES)}`)
  const hasBody =
    method !== 'GET' && method !== 'HEAD' && (route.body !== undefined || choices.oneIn(8))
  if (hasBody) {
    const fitting = route.body?.contents.map(({ mediaType }) => mediaType) ?? MEDIA_TYPES
    headers['content-type'] = choices.oneIn(6) ? choices.pick(MEDIA_TYPES) : choices.pick(fitting)
  }
  if (choices.oneIn(8)) headers['if-none-match'] = choices.pick(['*', '"x"', 'W/"1"', '"', ','])
  if (choices.oneIn(12)) headers['accept-encoding'] = choices.pick(['gzip', 'br', 'x', '*'])
  const target = query.length > 0 ? `${path}?${query.join('&')}` : path
  return { method, path: target, headers, body: hasBody ? toHex(anyBody(choices)) : null }
}

const UUIDS = [
  '11111111-1111-4111-8111-111111111111',
  '22222222-2222-4222-8222-222222222222',
] as const

const headerOf = (choices: Choices, name: string, value: string): string =>
  name.toLowerCase() === 'idempotency-key' && !choices.oneIn(6)
    ? `${choices.pick(UUIDS).slice(0, -4)}${String(1_000 + choices.below(9_000))}`
    : value

/** Values that the description of a parameter allows, and similar invalid ones. */
function valuesOf(schema: unknown): readonly string[] {
  const values = (schema as { enum?: readonly unknown[] } | undefined)?.enum
  return values === undefined
    ? ['1', '0', '2', '-1', 'now', ...EDGES.map(String)]
    : values.map(String)
}

const anyBody = (choices: Choices): Uint8Array =>
  choices.weighted<Uint8Array>([
    [4, () => choices.pick(honestDocument(choices.below(8)).updates)],
    [3, () => anyUpdate(choices, new Map())],
    [2, () => anyPresenceUpdate(choices, 1)],
    [2, () => Buffer.from(`{"active":${jsonText(choices)},"label":${jsonText(choices)}}`)],
    [2, () => Buffer.from(`{"active":${choices.below(4)}}`)],
    [
      2,
      () =>
        Buffer.from(
          `{"label":${choices.pick(['"a"', 'null', '"\\u0000"', '"\\ud800"', '""'])},"from":1}`,
        ),
    ],
    [1, () => Buffer.from(jsonText(choices))],
    [
      2,
      () => {
        const data = choices.oneIn(3) ? runLengthBomb(choices) : anyBytes(choices, 30)
        return encodeFoldProposal({
          throughSegment: choices.below(3),
          data: Uint8Array.of(0, ...data.slice(0, 4_000)),
        })
      },
    ],
    [1, () => mutateBytes(choices, choices.pick(honestDocument(1).updates))],
    [1, () => anyBytes(choices, 30)],
    [1, () => new Uint8Array(choices.pick([0, 1, 20_000]))],
  ])
