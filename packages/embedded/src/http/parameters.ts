import { RequestError } from '../errors.ts'
import type { ShapeRequest } from '../shape/definition.ts'
import { parseOffset, type RequestedOffset } from '../shape/offset.ts'
import type { SubsetRequest } from '../shape/subset.ts'
import { parseColumnList } from '../table/identifier.ts'

/** The parameters of a request for a shape, checked as far as possible without the database. */
export interface Parameters {
  readonly shape: ShapeRequest
  readonly offset: RequestedOffset
  readonly handle: string | null
  /** A handle that the reader was told to stop using. */
  readonly expiredHandle: string | null
  readonly live: boolean
  readonly sse: boolean
  readonly cursor: string | null
  readonly subset: SubsetRequest | null
  /** Identifies the shape: requests with equal keys read the same shape. */
  readonly shapeKey: string
}

/**
 * Checks in Electric's order: first the format of each value, then combinations of values, then the
 * table.
 */
export function readParameters(query: URLSearchParams, body: unknown): Parameters {
  const errors: Record<string, string[]> = {}
  const fail = (field: string, message: string): void => {
    errors[field] = [...(errors[field] ?? []), message]
  }
  const boolean = (field: string): boolean => {
    const value = query.get(field)
    if (value === null || value === '') return false
    if (value === 'true' || value === '1') return true
    if (value !== 'false' && value !== '0') fail(field, 'is invalid')
    return false
  }
  const choice = <T extends string>(field: string, values: readonly [T, ...T[]]): T => {
    const value = query.get(field)
    if (value === null || value === '') return values[0]
    const found = values.find((candidate) => candidate === value)
    if (found === undefined) fail(field, 'is invalid')
    return found ?? values[0]
  }

  const live = boolean('live')
  const newSse = boolean('live_sse')
  const sse = boolean('experimental_live_sse') || newSse
  const columns = readColumns(query.get('columns'), fail)
  const params = readParams(query, fail)
  const replica = choice('replica', ['default', 'full'])
  const logMode = choice('log', ['full', 'changes_only'])
  const compaction = boolean('experimental_compaction')
  const offsetText = query.get('offset') ?? ''
  const handle = query.get('handle') || null
  if (offsetText === '') fail('offset', "can't be blank")
  stop(errors)

  const offset = parseOffset(offsetText)
  if (offset === undefined) throw RequestError.of('offset', 'has invalid format')
  if (handle === null && typeof offset === 'object') {
    throw RequestError.of('handle', "can't be blank when offset != -1")
  }
  if (live && offset === 'start') throw RequestError.of('live', "can't be true when offset == -1")
  if (live && offset === 'now') throw RequestError.of('live', "can't be true when offset is 'now'")
  if (sse && !live) throw RequestError.of('live_sse', "can't be true unless live is also true")
  const table = query.get('table') ?? ''
  if (table === '') throw RequestError.of('table', "can't be blank")

  const where = query.get('where') || null
  const shape: ShapeRequest = { table, where, params, columns, replica, logMode, compaction }
  return {
    shape,
    offset,
    handle: typeof offset === 'object' ? handle : null,
    expiredHandle: query.get('expired_handle'),
    live,
    sse,
    cursor: query.get('cursor'),
    subset: readSubset(query, body),
    shapeKey: JSON.stringify({ ...shape, params: [...params] }),
  }
}

type Fail = (field: string, message: string) => void

function stop(errors: Record<string, string[]>): void {
  if (Object.keys(errors).length > 0) throw new RequestError(errors)
}

function readColumns(text: string | null, fail: Fail): string[] | null {
  if (text === null || text === '') return null
  const parsed = parseColumnList(text)
  if (parsed.ok) return parsed.value
  fail('columns', parsed.message)
  return null
}

/** `params[1]=a&params[2]=b`, or `params={"1":"a"}`. */
function readParams(query: URLSearchParams, fail: Fail): Map<number, string> {
  const params = new Map<number, string>()
  const json = query.get('params')
  if (json !== null && json !== '') {
    const parsed = paramsOf(json)
    if (typeof parsed === 'string') fail('params', parsed)
    else for (const [index, value] of parsed) params.set(index, value)
  }
  for (const [name, value] of query) {
    const match = /^params\[(\d{1,5})\]$/.exec(name)
    if (match !== null) params.set(Number(match[1]), value)
    else if (/^params\[/.test(name)) fail('params', 'keys must be numbered from 1')
  }
  return params
}

/** The parameters, or an error message. */
function paramsOf(value: unknown): Map<number, string> | string {
  let object = value
  if (typeof value === 'string') {
    try {
      object = JSON.parse(value)
    } catch {
      return 'params must be valid JSON'
    }
  }
  if (typeof object !== 'object' || object === null) return 'params must be a JSON object'
  const entries = Array.isArray(object)
    ? object.map((item, i) => [String(i + 1), item] as const)
    : Object.entries(object)
  const params = new Map<number, string>()
  for (const [name, item] of entries) {
    if (!/^\d{1,5}$/.test(name)) return 'keys must be numbered from 1'
    if (Array.isArray(item)) params.set(Number(name), arrayLiteral(item))
    else if (typeof item === 'object' || item === undefined) return 'values must be strings'
    else params.set(Number(name), String(item))
  }
  return params
}

const arrayLiteral = (items: readonly unknown[]): string =>
  `{${items
    .map((item) => (item === null ? 'NULL' : `"${String(item).replace(/["\\]/g, '\\$&')}"`))
    .join(',')}}`

const SUBSET_FIELDS = ['where', 'params', 'limit', 'offset', 'order_by'] as const

/** Reads the subset from `subset__…` in the query, or from the body of a POST. */
function readSubset(query: URLSearchParams, body: unknown): SubsetRequest | null {
  const given: Partial<Record<(typeof SUBSET_FIELDS)[number], unknown>> = {}
  for (const field of SUBSET_FIELDS) {
    const value = query.get(`subset__${field}`)
    if (value !== null && value !== '') given[field] = value
  }
  if (typeof body === 'object' && body !== null) {
    const fields = body as Record<string, unknown>
    for (const field of SUBSET_FIELDS) {
      const value = fields[field] ?? fields[`subset__${field}`]
      if (value !== undefined && value !== null) given[field] = value
    }
  } else if (Object.keys(given).length === 0) return null

  const errors: Record<string, string[]> = {}
  const text = (field: 'where' | 'order_by'): string | null => {
    const value = given[field]
    if (value === undefined) return null
    if (typeof value !== 'string') errors[field] = ['is invalid']
    return String(value)
  }
  const integer = (field: 'limit' | 'offset', least: number, message: string): number | null => {
    const value = given[field]
    if (value === undefined) return null
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) errors[field] = ['is invalid']
    else if (number < least) errors[field] = [message]
    return Number(number)
  }
  const where = text('where')
  const orderBy = text('order_by')
  const limit = integer('limit', 1, 'must be greater than 0')
  const offset = integer('offset', 0, 'must be greater than or equal to 0')
  const params = given.params === undefined ? new Map<number, string>() : paramsOf(given.params)
  if (typeof params === 'string') errors.params = [params]
  if ((limit !== null || offset !== null) && orderBy === null) {
    errors.order_by = ['order_by is required when limit or offset is present']
  }
  if (typeof params === 'string' || Object.keys(errors).length > 0) {
    throw new RequestError({ subset: errors })
  }
  return { where, params, orderBy, limit, offset }
}
