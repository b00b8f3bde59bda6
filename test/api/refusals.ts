// Provokes each error code by a valid request of the route with one thing wrong.
import { randomUUID } from 'node:crypto'
import { freshDocId } from '../e2e/server.ts'
import type { Described } from './contract.ts'
import { PICTURE } from './picture.ts'
import { type About, foldOf, presenceOf, RIGHT, type Sending } from './requests.ts'

/** The documents and servers that a refusal may need. */
export interface Stage {
  readonly written: About
  readonly deleted: About
  readonly ambiguous: About
  readonly corrupt: About
  /** A server with small limits. */
  readonly smallUrl: string
  /** A server with a full disk, where an export may have one byte. */
  readonly fullUrl: string
  /** A server for which every document is too large to be read. */
  readonly tinyUrl: string
  /** A server for which the snapshot row of every document is too large. */
  readonly tightUrl: string
  /** A server whose workers have one millisecond. */
  readonly hastyUrl: string
  /** A server without a database. */
  readonly noDatabaseUrl: string
  /** A server whose shape service does not answer. */
  readonly noShapesUrl: string
  /** A server behind a parser that reads every body first. */
  readonly consumedUrl: string
  /** A server without the option revoke. */
  readonly noRevokeUrl: string
  readonly url: string
}

export interface Attempt {
  readonly url: string
  readonly sending: Sending
}

/** The request header that sets the answer of the hook. */
export const DECISION_HEADER = 'x-decision'

/** The request header that sets the answer of the limits. */
export const LIMIT_HEADER = 'x-limit'

/** The client of the written document whose presence belongs to another user. */
export const OWNED_CLIENT = 7

type Attempts = (stage: Stage, route: Described) => readonly Attempt[]

/** The same request with another path, header or body. */
const with_ = (sending: Sending, change: Partial<Sending>): Sending => ({
  ...sending,
  ...change,
  headers: { ...sending.headers, ...change.headers },
})

function right({ operation }: Described, about: About): Sending {
  const make = RIGHT[operation.operationId]
  if (make === undefined) throw new Error(`there is no request for ${operation.operationId}`)
  return make(about)
}

const onWritten =
  (change: (sending: Sending, stage: Stage) => Partial<Sending>): Attempts =>
  (stage, route) => {
    const sending = right(route, stage.written)
    return [{ url: stage.url, sending: with_(sending, change(sending, stage)) }]
  }

const decided = (decision: string): Attempts =>
  onWritten(() => ({ headers: { [DECISION_HEADER]: decision } }))

const limited = (code: string): Attempts => onWritten(() => ({ headers: { [LIMIT_HEADER]: code } }))

const onDocument =
  (which: 'deleted' | 'ambiguous' | 'corrupt'): Attempts =>
  (stage, route) => [{ url: stage.url, sending: right(route, stage[which]) }]

const unknownDocument: Attempts = (stage, route) => [
  { url: stage.url, sending: right(route, { docId: freshDocId('unknown'), seq: 999_999 }) },
]

const elsewhere =
  (
    which: 'smallUrl' | 'fullUrl' | 'tinyUrl' | 'noDatabaseUrl' | 'noShapesUrl' | 'consumedUrl',
  ): Attempts =>
  (stage, route) => [{ url: stage[which], sending: right(route, stage.written) }]

/** One request for each parameter with a wrong value, and one with a wrong body. */
const wrongParameters: Attempts = (stage, route) => {
  const sending = right(route, stage.written)
  const attempts = route.operation.parameters.flatMap(({ in: place, name, schema }) => {
    const isChecked =
      schema.minimum !== undefined || schema.enum !== undefined || schema.maxLength !== undefined
    if (name === 'docId' || !isChecked || schema.$ref !== undefined) return []
    const wrong = schema.enum !== undefined ? ['', 'none'] : wrongValues(schema.maxLength)
    return wrong
      .filter((value) => place !== 'header' || isKeptInHeader(value))
      .map((value) => inPlace(sending, route.path, { place, name, value }))
  })
  const bodies = sending.headers?.['content-type'] === 'application/json' ? WRONG_JSON : []
  return [
    ...attempts.map((attempt) => ({ url: stage.url, sending: attempt })),
    ...unreadableQueries(stage, route),
    ...bodies.map((body) => ({ url: stage.url, sending: { ...sending, body } })),
  ]
}

/** Wrong percent-encoding, bytes that are not UTF-8 (among them half a surrogate pair), and a NUL character. */
const UNREADABLE_QUERIES = ['x=%', 'x=%zz', '%ff=x', 'x=%ED%A0%80', 'x=a%00b', '%00']

const unreadableQueries: Attempts = (stage, route) => {
  const sending = right(route, stage.written)
  const mark = sending.path.includes('?') ? '&' : '?'
  return UNREADABLE_QUERIES.map((query) => ({
    url: stage.url,
    sending: { ...sending, path: `${sending.path}${mark}${query}` },
  }))
}

const wrongValues = (maxLength: number | undefined): string[] =>
  maxLength === undefined
    ? ['-1', '1.5', 'x', '1e3', '00', '01', '99999999999999999999', ' 1']
    : ['x'.repeat(maxLength + 1)]

const WRONG_JSON = [
  ...['', 'nonsense', 'null', '[]', '{}', '{"label":""}', '{"to":1}', '"x"'],
  ...['{"label":"a\\u0000b"}', '{"label":"\\ud800"}', '{"label":1,"at":1}'],
]

/** HTTP removes the white space around the value of a header. */
const isKeptInHeader = (value: string): boolean => value === value.trim()

/** The request with another value of a parameter. */
function inPlace(
  sending: Sending,
  template: string,
  { place, name, value }: { readonly place: string; readonly name: string; readonly value: string },
): Sending {
  if (place === 'header') return with_(sending, { headers: { [name]: value } })
  const path =
    place === 'path' ? inPath(sending, template, name, value) : inQuery(sending, name, value)
  return { ...sending, path }
}

function inPath(sending: Sending, template: string, name: string, value: string): string {
  const place = template.split('/').indexOf(`{${name}}`)
  const [path = '', query] = sending.path.split('?')
  const steps = path.split('/')
  steps[place] = encodeURIComponent(value)
  return steps.join('/') + (query === undefined ? '' : `?${query}`)
}

function inQuery({ path }: Sending, name: string, value: string): string {
  const url = new URL(path, 'http://any')
  url.searchParams.set(name, value)
  return url.pathname + url.search
}

const wrongIds: Attempts = (stage, route) =>
  ['x'.repeat(201), 'a\u0000b', 'line\nend'].map((docId) => ({
    url: stage.url,
    sending: right(route, { docId, seq: stage.written.seq }),
  }))

const wrongBody = (...bodies: (Uint8Array | string)[]): Attempts => {
  return (stage, route) =>
    bodies.map((body) => {
      const about = { docId: freshDocId('wrong'), seq: 0 }
      return { url: stage.url, sending: with_(right(route, about), { body }) }
    })
}

const folds =
  (make: (stage: Stage) => Sending): Attempts =>
  (stage) => [{ url: stage.url, sending: make(stage) }]

const BYTES = new Uint8Array([1, 2, 3])

/** A picture that runs a script where it is opened. */
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

/** An update of `@y/y` 14, whose client ids have 53 bits. */
const YJS_14 = Buffer.from('0101ebc596f090aa9b01000401017405776f72647300', 'hex')

/** The headers that browsers send for a page of another origin. */
const FOREIGN_PAGES: readonly Readonly<Record<string, string>>[] = [
  { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' },
  // A sandboxed frame, and a browser that hides the origin.
  { 'sec-fetch-site': 'cross-site', origin: 'null' },
  { 'sec-fetch-site': 'cross-site' },
  // Over plain HTTP, browsers only send the origin.
  { origin: 'http://evil.example' },
  { origin: 'null' },
]

const FOREIGN_HOSTS = [
  'evil.example',
  'evil.example:4000',
  '127.0.0.1.evil.example',
  'notlocalhost',
]

/** More delete ranges than a row may hold: 150,000 ranges of one client, each of length 1 with a gap of 1. */
const MANY_DELETES = Buffer.concat([
  Buffer.from('000101f09309', 'hex'),
  ...Array.from({ length: 150_000 }, (_, i) => rangeAt(2 * i)),
])

/** A delete range: the clock as a varuint of three bytes, and the length 1. */
function rangeAt(clock: number): Buffer {
  return Buffer.from([(clock & 127) | 128, ((clock >> 7) & 127) | 128, clock >> 14, 1])
}

/** The attempts by code, or by `name code` where a route needs a different request. */
export const REFUSALS: Readonly<Record<string, Attempts>> = {
  unauthenticated: decided('unauthenticated'),
  forbidden: decided('forbidden'),
  cross_site_request: (stage, route) => {
    const sending = right(route, stage.written)
    return FOREIGN_PAGES.map((headers) => ({
      url: stage.url,
      sending: with_(sending, { headers }),
    }))
  },
  host_not_allowed: (stage, route) => {
    const sending = right(route, stage.written)
    return FOREIGN_HOSTS.map((host) => ({
      url: stage.url,
      sending: with_(sending, { headers: { host } }),
    }))
  },
  internal: decided('throw'),
  storage_full: elsewhere('fullUrl'),
  export_too_large: (stage, route) => {
    const sending = right(route, stage.written)
    return ['json', 'text', 'html', 'markdown', 'update', 'update-v2'].map((format) => ({
      url: stage.fullUrl,
      sending: { ...sending, path: inQuery(sending, 'format', format) },
    }))
  },
  too_many_requests: limited('too_many_requests'),
  quota_exceeded: limited('quota_exceeded'),
  database_unavailable: elsewhere('noDatabaseUrl'),
  shape_service_unavailable: elsewhere('noShapesUrl'),
  body_consumed: elsewhere('consumedUrl'),
  invalid_doc_id: wrongIds,
  invalid_request: wrongParameters,
  deleted: onDocument('deleted'),
  not_found: unknownDocument,
  root_unknown: (stage, route) => [
    {
      url: stage.url,
      sending: with_(right(route, stage.ambiguous), {
        path: inQuery(right(route, stage.ambiguous), 'format', 'text'),
      }),
    },
  ],
  corrupt: onDocument('corrupt'),
  document_too_large: elsewhere('tinyUrl'),
  update_too_large: elsewhere('smallUrl'),
  update_too_complex: wrongBody(MANY_DELETES),
  awareness_too_large: elsewhere('smallUrl'),
  file_too_large: elsewhere('smallUrl'),
  snapshot_too_large: elsewhere('smallUrl'),
  document_exists: (stage, route) => [{ url: stage.url, sending: right(route, stage.written) }],
  unsupported_media_type: onWritten(() => ({ headers: { 'content-type': 'image/png' } })),
  not_acceptable: onWritten(() => ({ headers: { accept: 'image/png, text/html;q=0' } })),
  invalid_batch_id: onWritten(() => ({ headers: { 'idempotency-key': 'one' } })),
  invalid_update: wrongBody(BYTES, 'text'),
  empty_update: wrongBody(new Uint8Array(), new Uint8Array([0, 0])),
  unsupported_yjs: (stage, route) => {
    const sending = right(route, { docId: freshDocId('yjs14'), seq: 0 })
    const isImport = !route.path.endsWith('/updates')
    const path = isImport ? { path: inQuery(sending, 'format', 'update') } : {}
    const headers = isImport ? { headers: { 'content-type': 'application/vnd.yjs.update-v1' } } : {}
    return [{ url: stage.url, sending: with_(sending, { ...path, ...headers, body: YJS_14 }) }]
  },
  invalid_awareness: wrongBody(BYTES),
  invalid_file: wrongBody('', BYTES, SVG, 'GIF89a', PICTURE.subarray(0, 7)),
  invalid_content: (stage, route) => {
    const sending = right(route, { docId: freshDocId('wrong'), seq: 0 })
    const content = { path: inQuery(sending, 'format', 'update') }
    const headers = { 'content-type': 'application/vnd.yjs.update-v1' }
    return [{ url: stage.url, sending: with_(sending, { ...content, headers, body: BYTES }) }]
  },
  segment_not_opened: onWritten(({ path }) => ({
    path: path.replace('/segments/2', '/segments/9'),
  })),
  segment_folded: onWritten(({ path }) => ({ path: path.replace('/segments/2', '/segments/0') })),
  segment_conflict: onWritten(() => ({ body: '{"active":0}' })),
  segment_not_due: elsewhere('smallUrl'),
  segment_not_sealed: folds(({ written }) => foldOf(written.docId, 2, BYTES)),
  segment_already_folded: folds(({ written }) => foldOf(written.docId, 0, BYTES)),
  snapshot_differs: folds(({ written }) => foldOf(written.docId, 1, BYTES)),

  // A number that is not valid names no snapshot row.
  'readSnapshot invalid_request': unreadableQueries,
  // And an id that is not valid names no file.
  'readFile invalid_request': unreadableQueries,
  'storeFile unsupported_media_type': (stage, route) =>
    ['image/svg+xml', 'text/html', 'image/bmp', 'application/octet-stream', 'image/png2'].map(
      (type) => ({
        url: stage.url,
        sending: with_(right(route, stage.written), { headers: { 'content-type': type } }),
      }),
    ),
  'foldSegments snapshot_too_large': (stage) => [
    { url: stage.smallUrl, sending: foldOf(stage.written.docId, 1, new Uint8Array(5_000)) },
  ],
  'keepVersion snapshot_too_large': (stage, route) => [
    { url: stage.tightUrl, sending: right(route, stage.written) },
  ],
  'keepSnapshot snapshot_too_large': (stage, route) => [
    { url: stage.tightUrl, sending: right(route, stage.written) },
  ],
  'keepVersion invalid_request': (stage, route) => [
    ...wrongParameters(stage, route),
    ...['-1', '1.5', '"1"', 'null', '1e20'].map((at) => ({
      url: stage.url,
      sending: with_(right(route, stage.written), { body: `{"label":"x","at":${at}}` }),
    })),
  ],
  'foldSegments invalid_request': wrongBody(new Uint8Array(), new Uint8Array([2, 0, 1])),
  'putAwareness presence_not_yours': (stage) => [
    { url: stage.url, sending: presenceOf(stage.written.docId, OWNED_CLIENT) },
  ],
  'deleteAwareness presence_not_yours': (stage, route) => [
    { url: stage.url, sending: right(route, stage.written) },
  ],
  'revoke not_found': (stage, route) => [
    { url: stage.noRevokeUrl, sending: right(route, stage.written) },
  ],
  'setTitle document_exists': onWritten(() => ({ body: '{"title":"Plan","onlyNew":true}' })),
  'copyDocument document_exists': (stage, route) => {
    const body = JSON.stringify({ to: stage.ambiguous.docId })
    return [{ url: stage.url, sending: with_(right(route, stage.written), { body }) }]
  },
  'importDocument document_too_large': (stage) => [large(stage.hastyUrl, 'importDocument')],
  'seedDocument document_too_large': (stage) => [large(stage.hastyUrl, 'seedDocument')],
  'importDocument snapshot_too_large': (stage) => [large(stage.smallUrl, 'importDocument')],
  'seedDocument snapshot_too_large': (stage) => [large(stage.smallUrl, 'seedDocument')],
}

/** A body within its limit whose document has more than 4,000 bytes and takes a worker several milliseconds. */
function large(url: string, name: string): Attempt {
  const make = RIGHT[name]
  if (make === undefined) throw new Error(`there is no request for ${name}`)
  const sending = make({ docId: freshDocId('large'), seq: 0 })
  const body = Array.from({ length: 100 }, () => `${randomUUID()}\n\n`).join('')
  return { url, sending: { ...sending, body } }
}
