import { randomUUID } from 'node:crypto'
import type { ShapeSource } from '@y-electric/server'
import { SEGMENT_SHAPE, shapeUrl } from '@y-electric/server/extension'
import type pg from 'pg'
import { ConfigError } from '../config.ts'

/** How long a change may take from Postgres through Electric. */
const ARRIVAL_MS = 10_000
const ANSWER_MS = 10_000

/**
 * Checks that this is an Electric, that it accepts the secret, and that it reads the database that this server
 * writes: it writes a row, looks for it through its shape, and deletes it.
 * @throws {ConfigError} naming the check that failed
 */
export async function checkElectric(
  pool: pg.Pool,
  source: ShapeSource,
  arrivalMs = ARRIVAL_MS,
): Promise<void> {
  const docId = `y-electric-startup-check-${randomUUID()}`
  const shape = { ...SEGMENT_SHAPE, params: [docId, '0'] }
  try {
    let at = await ask(source, shape, { offset: '-1' })
    await writeRow(pool, docId)
    await requireSameDatabase(source, docId)
    // Live requests end by themselves when nothing comes; the deadline is for all of them.
    const deadline = AbortSignal.timeout(arrivalMs)
    while (!at.hasRow) {
      const { handle, offset } = at
      const next = await ask(source, shape, { handle, offset, live: 'true' }, deadline)
      if (next === 'too late') throw noChanges(source)
      at = next
    }
  } finally {
    await removeRow(pool, docId)
    await dropShape(source, shape)
  }
}

/** The position of a reader of the shape, and whether it has received the row. */
interface Position {
  readonly handle: string
  readonly offset: string
  readonly hasRow: boolean
}

type Shape = Parameters<typeof shapeUrl>[1]

async function ask(
  source: ShapeSource,
  shape: Shape,
  query: Record<string, string>,
): Promise<Position>
async function ask(
  source: ShapeSource,
  shape: Shape,
  query: Record<string, string>,
  deadline: AbortSignal,
): Promise<Position | 'too late'>
async function ask(
  source: ShapeSource,
  shape: Shape,
  query: Record<string, string>,
  deadline?: AbortSignal,
): Promise<Position | 'too late'> {
  const url = shapeUrl(source, shape, new URLSearchParams(query))
  const signal = deadline ?? AbortSignal.timeout(ANSWER_MS)
  let response: Response
  let text: string
  try {
    response = await (source.fetch ?? fetch)(new Request(url, { signal }))
    text = await response.text()
  } catch (error) {
    if (deadline?.aborted) return 'too late'
    throw unreachable(source, error)
  }
  if (response.status === 409) return ask(source, shape, { offset: '-1' })
  if (!response.ok) throw explainRefusal(source, response.status, text)
  return {
    handle: response.headers.get('electric-handle') ?? '',
    offset: response.headers.get('electric-offset') ?? '',
    hasRow: text.includes('"operation":"insert"'),
  }
}

/** A new shape contains the row at once, if Electric reads the same database. */
async function requireSameDatabase(source: ShapeSource, docId: string): Promise<void> {
  const shape = { ...SEGMENT_SHAPE, columns: 'seq', params: [docId, '0'] }
  const { hasRow } = await ask(source, shape, { offset: '-1' })
  await dropShape(source, shape)
  if (hasRow) return
  throw new ConfigError(
    `ELECTRIC_URL: Electric at ${hostOf(source)} reads another database than that of DATABASE_URL: a row written there does not appear. Give both the same database`,
  )
}

const noChanges = (source: ShapeSource): ConfigError =>
  new ConfigError(
    `ELECTRIC_URL: Electric at ${hostOf(source)} reads the database of DATABASE_URL but passes on no changes: check its log and its replication slot (SELECT * FROM pg_replication_slots)`,
  )

function explainRefusal(source: ShapeSource, status: number, text: string): ConfigError {
  const host = hostOf(source)
  if (status === 401 || status === 403) {
    return new ConfigError(
      source.secret === undefined
        ? `ELECTRIC_SECRET is not set, and Electric at ${host} requires it: set it to the secret of Electric`
        : `ELECTRIC_SECRET: Electric at ${host} does not accept it (${status}): set it to the secret of Electric${source.sourceId === undefined ? '' : ', and ELECTRIC_SOURCE_ID to the source it belongs to'}`,
    )
  }
  if (status === 400) {
    return new ConfigError(
      `ELECTRIC_URL: Electric at ${host} does not know the table ${SEGMENT_SHAPE.table} (${text.slice(0, 200)}): does it read another database than DATABASE_URL names?`,
    )
  }
  if (status >= 500 || status === 429) {
    return new ConfigError(
      `ELECTRIC_URL: Electric at ${host} is not ready (${status}): check its log; it needs its own connection to Postgres`,
    )
  }
  return new ConfigError(
    `ELECTRIC_URL: ${host} answers ${status} to /v1/shape: is that an Electric? Give its base url, without /v1/shape`,
  )
}

function unreachable(source: ShapeSource, cause: unknown): ConfigError {
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const code = reason instanceof Error && 'code' in reason ? ` (${String(reason.code)})` : ''
  return new ConfigError(
    `ELECTRIC_URL: Electric at ${hostOf(source)} does not answer${code}: start it, or correct the url`,
    { cause },
  )
}

async function writeRow(pool: pg.Pool, docId: string): Promise<void> {
  await pool.query('SELECT ydoc_append($1, $2, $3)', [docId, randomUUID(), Buffer.from([0, 0])])
}

async function removeRow(pool: pg.Pool, docId: string): Promise<void> {
  await pool.query('DELETE FROM ydoc_update WHERE doc_id = $1', [docId])
  await pool.query('DELETE FROM ydoc_document WHERE doc_id = $1', [docId])
}

/**
 * Deletes the shape, if the operator of Electric allows that. Otherwise Electric removes the shape by itself
 * later.
 */
async function dropShape(source: ShapeSource, shape: Shape): Promise<void> {
  const url = shapeUrl(source, shape, new URLSearchParams())
  const request = new Request(url, { method: 'DELETE', signal: AbortSignal.timeout(2_000) })
  await (source.fetch ?? fetch)(request).then(
    (response) => response.body?.cancel(),
    () => {},
  )
}

const hostOf = ({ url }: ShapeSource): string => new URL(url).host
