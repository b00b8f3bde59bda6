// Replays a transcript against any server with Electric's HTTP API, and reports differences.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Placeholders } from './placeholders.ts'
import type {
  Json,
  Transcript,
  TranscriptRequest,
  TranscriptResponse,
  TranscriptStep,
} from './transcript.ts'

/** The service under test, and its database. */
export interface Subject {
  fetch(request: Request): Promise<Response>
  /** Runs the statements in order on one connection. */
  sql(statements: readonly string[]): Promise<void>
}

export interface ReplayOptions {
  /** Also compare error texts, and reject `electric-` headers that were not recorded. */
  readonly strict?: boolean
  /** How long to wait until a change has reached the log. Default: `SETTLE_MS`. */
  readonly settleMs?: number
}

export const SETTLE_MS = 150

/**
 * As in the recorder, SQL of `during` and `sse` starts after this time, when the request is certainly
 * waiting.
 */
const WAIT_BEFORE_SQL_MS = 400
const WAIT_BETWEEN_SQL_MS = 400
const ORIGIN = 'http://electric.invalid'

/**
 * The differences, each as a line that names its step; empty if everything matches the recording.
 */
export async function replay(
  transcript: Transcript,
  subject: Subject,
  options: ReplayOptions = {},
): Promise<string[]> {
  const placeholders = new Placeholders()
  const differences: string[] = []
  let number = 0
  for await (const { step, response: actual } of run(transcript, subject, options)) {
    number++
    if (actual === undefined || step.response === undefined) continue
    const found = compareResponse(step.response, actual, placeholders, options)
    differences.push(...found.map((line) => `step ${number} (${nameOf(step)}) ${line}`))
  }
  return differences
}

/** Runs the steps of a transcript in order, and yields the response to each. */
export async function* run(
  transcript: Transcript,
  subject: Subject,
  options: ReplayOptions = {},
): AsyncGenerator<{ step: TranscriptStep; response: TranscriptResponse | undefined }> {
  const table = `t_${randomBytes(6).toString('hex')}`
  const variables = new Map([['table', table]])
  try {
    for (const step of transcript.steps) {
      yield { step, response: await runStep(step, subject, variables, options) }
    }
  } finally {
    await subject.sql([`DROP TABLE IF EXISTS ${table}`])
  }
}

async function runStep(
  step: TranscriptStep,
  subject: Subject,
  variables: Map<string, string>,
  { settleMs = SETTLE_MS }: ReplayOptions,
): Promise<TranscriptResponse | undefined> {
  if (step.sql !== undefined) {
    await subject.sql(step.sql.map((statement) => fill(statement, variables)))
    await sleep(settleMs)
  }
  if (step.request === undefined) return undefined
  const { sse } = step.request
  const abort = new AbortController()
  const request = toRequest(step.request, variables, abort.signal)
  const lists = sse?.sql ?? (step.during === undefined ? [] : [step.during])
  const writing = runWhileWaiting(subject, lists, variables)
  const response = await subject.fetch(request)
  const recorded = sse
    ? await readStream(response, sse.ms, abort)
    : { body: readBody(await response.text(), response) }
  await writing
  capture(step, response, variables)
  const table = variables.get('table') ?? ''
  return withTableName(
    { status: response.status, headers: headersOf(response), ...recorded },
    table,
  )
}

async function runWhileWaiting(
  subject: Subject,
  lists: readonly (readonly string[])[],
  variables: Map<string, string>,
): Promise<void> {
  let wait = WAIT_BEFORE_SQL_MS
  for (const list of lists) {
    await sleep(wait)
    await subject.sql(list.map((statement) => fill(statement, variables)))
    wait = WAIT_BETWEEN_SQL_MS
  }
}

function toRequest(
  recorded: TranscriptRequest,
  variables: Map<string, string>,
  signal: AbortSignal,
): Request {
  const url = new URL(recorded.path ?? '/v1/shape', ORIGIN)
  for (const [name, value] of Object.entries(recorded.query)) {
    url.searchParams.set(name, fill(value, variables))
  }
  const headers = new Headers()
  for (const [name, value] of Object.entries(recorded.headers ?? {})) {
    headers.set(name, fill(value, variables))
  }
  const { method = 'GET', body } = recorded
  if (body === undefined) return new Request(url, { method, headers, signal })
  if (!headers.has('content-type')) headers.set('content-type', 'application/json')
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return new Request(url, { method, headers, signal, body: fill(text, variables) })
}

function fill(text: string, variables: Map<string, string>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = variables.get(name)
    if (value === undefined) throw new Error(`The transcript uses ${name} before it has a value`)
    return value
  })
}

function capture(step: TranscriptStep, response: Response, variables: Map<string, string>): void {
  for (const [variable, header] of Object.entries(step.capture ?? {})) {
    const value = response.headers.get(header)
    // The response lacks this header; the comparison of headers reports it.
    if (value !== null) variables.set(variable, value)
  }
}

function readBody(text: string, response: Response): Json {
  const type = response.headers.get('content-type') ?? ''
  if (text === '' || !type.includes('json')) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Parses `data:` lines, and keeps other lines as they are. */
async function readStream(
  response: Response,
  ms: number,
  abort: AbortController,
): Promise<{ events: Json[] } | { body: Json }> {
  const type = response.headers.get('content-type') ?? ''
  if (!type.includes('event-stream') || response.body === null) {
    return { body: readBody(await response.text(), response) }
  }
  const timer = setTimeout(() => abort.abort(), ms)
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const bytes of response.body) text += decoder.decode(bytes, { stream: true })
  } catch (error) {
    if (!abort.signal.aborted) throw error
  } finally {
    clearTimeout(timer)
    abort.abort()
  }
  const lines = text.split('\n').filter((line) => line !== '')
  return {
    events: lines.map((line) => (line.startsWith('data:') ? JSON.parse(line.slice(5)) : line)),
  }
}

function headersOf(response: Response): Record<string, Json> {
  const headers: Record<string, Json> = Object.fromEntries(response.headers)
  const schema = headers['electric-schema']
  if (typeof schema === 'string') headers['electric-schema'] = JSON.parse(schema)
  return headers
}

/** The recorder wrote `$table` instead of the name of the table. */
function withTableName(response: TranscriptResponse, table: string): TranscriptResponse {
  return JSON.parse(JSON.stringify(response).replaceAll(table, '$table'))
}

function compareResponse(
  expected: TranscriptResponse,
  actual: TranscriptResponse,
  placeholders: Placeholders,
  { strict = false }: ReplayOptions,
): string[] {
  const differences = placeholders.compare(expected.status, actual.status, 'status')
  for (const [name, value] of Object.entries(expected.headers)) {
    const got = actual.headers[name]
    if (got === undefined) differences.push(`${name}: expected ${JSON.stringify(value)}, got none`)
    else differences.push(...placeholders.compare(value, got, name))
  }
  if (strict) {
    for (const name of Object.keys(actual.headers)) {
      if (!/^(electric-|etag$)/.test(name) || name in expected.headers) continue
      differences.push(`${name}: was not recorded, got ${JSON.stringify(actual.headers[name])}`)
    }
  }
  for (const part of ['body', 'events'] as const) {
    const [wanted, got] = [expected[part], actual[part]]
    if (wanted === undefined) continue
    const loose = !strict && expected.status >= 400 && expected.status !== 409
    const [a, b] = loose
      ? [withoutWording(wanted), withoutWording(got ?? null)]
      : [wanted, got ?? null]
    differences.push(...placeholders.compare(a, b, part))
  }
  return differences
}

/** Removes the texts of an error, which change between versions, and keeps the names of the refused fields. */
function withoutWording(body: Json): Json {
  if (Array.isArray(body)) return body.length > 0 ? ['…'] : []
  if (body === null || typeof body !== 'object') return body
  return Object.fromEntries(
    Object.entries(body).map(([name, value]): [string, Json] => [
      name,
      name === 'message' ? '…' : withoutWording(value),
    ]),
  )
}

function nameOf({ request }: TranscriptStep): string {
  if (request === undefined) return 'sql'
  const { offset, live } = request.query
  return `${request.method ?? 'GET'} offset=${offset ?? 'none'}${live === undefined ? '' : ' live'}`
}
