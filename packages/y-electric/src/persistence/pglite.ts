import type { ResumePoint } from '../core/connection.ts'
import type { Batch } from '../core/outbox.ts'
import { type Platform, systemPlatform } from '../io/platform.ts'
import { encodeHex } from '../protocol/hex.ts'
import { mergeUpdates } from '../protocol/update-encoding.ts'
import {
  batchesOf,
  type DeviceStore,
  type DeviceStoreChange,
  type Persistence,
} from './device-store.ts'
import { becomeOwner, liveOwners, type Owner } from './owner.ts'
import {
  COMMIT,
  CREATE_TABLES,
  LOAD,
  type LoadedRow,
  SELECT_OWNERS,
  SELECT_VERSION,
  TABLES_VERSION,
  TAKE_OVER,
} from './pglite-statements.ts'

/** The methods of a database that the store calls: a `PGlite`, a `PGliteWorker`, or one with extensions. */
export interface PgliteDatabase {
  exec(sql: string): Promise<unknown>
  query<Row>(sql: string, params?: unknown[]): Promise<{ rows: Row[] }>
}

/** A PGlite that starts for the first time creates its files, which takes seconds on a slow device. */
export const DEFAULT_OPEN_WITHIN_MS = 30_000

/** Options of `pglite`. */
export interface PgliteOptions {
  /**
   * How long a document waits for the database, in milliseconds; then it continues in memory. Default: 30 seconds.
   */
  readonly openWithinMs?: number
  /**
   * Ids and Web Locks, for tests that simulate them.
   * @internal
   */
  readonly platform?: Pick<Platform, 'clock' | 'locks'>
}

type StorePlatform = NonNullable<PgliteOptions['platform']>

/** Keeps all documents in one database. */
export function openPglite(
  database: PgliteDatabase | Promise<PgliteDatabase>,
  options: PgliteOptions = {},
): Persistence {
  const { openWithinMs = DEFAULT_OPEN_WITHIN_MS, platform = systemPlatform } = options
  return {
    openWithinMs,
    async open(key) {
      const opened = await database
      await withTables(opened)
      const owner = await becomeOwner(platform.clock.uuid(), platform.locks())
      return pgliteStore(opened, key, owner, platform)
    },
  }
}

const prepared = new WeakMap<PgliteDatabase, Promise<void>>()

/**
 * Creates the tables once per database.
 * @throws {Error} if newer code has written them
 */
export function withTables(database: PgliteDatabase): Promise<void> {
  const known = prepared.get(database)
  if (known !== undefined) return known
  const made = createTables(database)
  prepared.set(database, made)
  // The next document tries again.
  made.catch(() => prepared.delete(database))
  return made
}

async function createTables(database: PgliteDatabase): Promise<void> {
  await database.exec(CREATE_TABLES)
  const { rows } = await database.query<{ version: number }>(SELECT_VERSION)
  const version = rows[0]?.version
  if (version !== TABLES_VERSION) {
    throw new Error(
      `the tables of y_electric have version ${version}, and this code needs ${TABLES_VERSION}: reload the page`,
    )
  }
}

/** The pages whose edits a page adopts; all of them where nobody knows which are gone. */
interface Gone {
  readonly owners: readonly string[]
  readonly isUnknown: boolean
}

function pgliteStore(
  database: PgliteDatabase,
  key: string,
  owner: Owner,
  { clock, locks }: StorePlatform,
): DeviceStore {
  /** Ids of the updates that this page knows: the only ones that it may replace. */
  let seen = new Set<string>()
  /** Marks to delete once this page records a resume point: its own, and those of pages that are gone. */
  const marks = new Set<string>()
  let commits = 0
  let isClosed = false
  /** Ends when every commit has ended. */
  let last: Promise<unknown> = Promise.resolve()

  /** The order of the two reads matters: an owner holds its lock before it stores anything. */
  async function findGone(): Promise<Gone> {
    const { rows } = await database.query<{ owner: string }>(SELECT_OWNERS, [key])
    const live = await liveOwners(locks())
    if (live === null) return { owners: [], isUnknown: true }
    return {
      owners: rows.map((row) => row.owner).filter((one) => !live.has(one)),
      isUnknown: false,
    }
  }

  async function load() {
    const gone = await findGone()
    // The page owns edits already if it has asked before and got no answer.
    const owners = [...gone.owners, owner.id]
    const { rows } = await database.query<LoadedRow>(LOAD, [key, owner.id, owners, gone.isUnknown])
    const updates = rows.filter(({ kind }) => kind === 'update')
    for (const { id } of updates) seen.add(String(id))
    const marked = rows.filter(({ kind }) => kind === 'mark')
    for (const { name, owner: marker } of marked) {
      if (gone.isUnknown || owners.includes(marker ?? '')) marks.add(name ?? '')
    }
    const resume = rows.find(({ kind }) => kind === 'document')?.resume ?? null
    return {
      updates: updates.map(bytesOf),
      batches: batchesOf(editsOf(rows, 'mine'), mergeUpdates),
      // The stored value is returned unchecked; the caller of the store verifies it.
      resume: marked.length > 0 ? null : (resume as ResumePoint | null),
      ofOthers: batchesOf(editsOf(rows, 'other'), mergeUpdates),
    }
  }

  async function commit(change: DeviceStoreChange): Promise<void> {
    const { updates, settled, resume, whole } = change
    const edits = change.edits.filter(({ batchId }) => !settled.includes(batchId))
    const mark = resume === null ? clock.uuid() : null
    const compared = resume ? [...marks] : []
    const number = ++commits
    const { rows } = await repeated(() =>
      database.query<{ id: number | bigint }>(COMMIT, [
        key,
        owner.id,
        number,
        (whole === undefined ? updates : [whole]).map(encodeHex),
        whole === undefined ? [] : [...seen],
        edits.map(({ batchId }) => batchId),
        edits.map(({ update }) => encodeHex(update)),
        edits.map(({ madeAt }) => madeAt ?? null),
        settled,
        Boolean(resume),
        resume ? JSON.stringify(resume) : null,
        mark,
        compared,
      ]),
    )
    if (mark !== null) marks.add(mark)
    for (const one of compared) marks.delete(one)
    if (whole !== undefined) seen = new Set()
    for (const { id } of rows) seen.add(String(id))
  }

  return {
    load: () => repeated(load),
    async takeOver() {
      const gone = await findGone()
      if (gone.isUnknown) return { batches: [], ofOthers: [] }
      const { rows } = await database.query<LoadedRow>(TAKE_OVER, [
        key,
        owner.id,
        gone.owners,
        false,
      ])
      return {
        batches: batchesOf(editsOf(rows, 'mine'), mergeUpdates),
        ofOthers: batchesOf(editsOf(rows, 'other'), mergeUpdates),
      }
    },
    commit(change) {
      if (isClosed) return Promise.reject(new Error('the store is closed'))
      // One after the other, since each needs the ids of the updates before it.
      const done = last.then(() => commit(change))
      last = done.catch(() => {})
      return done
    },
    async close() {
      isClosed = true
      await last
      owner.release()
    },
  }
}

/**
 * With a worker, one tab runs the database for all. If that tab closes, requests without an answer fail, and it is
 * unknown whether they were done; another tab takes over. All statements can be repeated.
 */
const repeated = <T>(ask: () => Promise<T>): Promise<T> => ask().catch(ask)

const bytesOf = ({ data }: LoadedRow): Uint8Array => data ?? new Uint8Array()

const editsOf = (rows: readonly LoadedRow[], kind: LoadedRow['kind']): Batch[] =>
  rows
    .filter((row) => row.kind === kind)
    .map((row) => ({
      batchId: row.name ?? '',
      update: bytesOf(row),
      ...(row.made_at === null ? {} : { madeAt: row.made_at }),
    }))
