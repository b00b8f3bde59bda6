import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import { EmbeddedError, messageOf } from '../errors.ts'
import type { Database } from './database.ts'
import { DURABLE_START_PARAMS, DurableFs, syncTree } from './durableFs.ts'
import { lockFolder } from './folderLock.ts'
import {
  BYTES_ON_DISK_PER_BYTE,
  freeBytes,
  MIN_FREE_BYTES,
  MIN_NEW_BYTES,
  MIN_OPEN_BYTES,
  megabytes,
} from './freeSpace.ts'
import { GuardedPglite } from './guardedPglite.ts'
import { createElsewhere } from './newFolder.ts'
import { pgliteClient } from './pgliteConnection.ts'

export interface PgliteOptions {
  /**
   * The data folder, used by this process alone and created if missing. Without it the data lives
   * in memory.
   */
  dataDir?: string
  /**
   * If false, the operating system decides when commits reach the disk. Each commit saves a sync,
   * but the last ones are lost if the machine (not just the process) crashes. Default: true.
   */
  durable?: boolean
  /**
   * Memory in which Postgres keeps pages of its tables, in MiB (`shared_buffers`). All of it counts as used from the start.
   * Pages that do not fit are read from the folder again, usually from the cache of the operating system. Default: 16.
   */
  sharedBuffersMb?: number
  /** The space on the disk of `dataDir` below which `hasRoom` is false, in bytes. */
  minFreeBytes?: number
}

/** Postgres' own default is 128 MB. */
const SHARED_BUFFERS_MB = 16

export async function openPglite(options: PgliteOptions = {}): Promise<Database> {
  const { dataDir, durable = true, minFreeBytes = MIN_FREE_BYTES } = options
  const { sharedBuffersMb = SHARED_BUFFERS_MB } = options
  if (!Number.isInteger(sharedBuffersMb) || sharedBuffersMb < 1) {
    throw new RangeError(`sharedBuffersMb must be a whole number from 1, not ${sharedBuffersMb}`)
  }
  const unlock = dataDir === undefined ? () => {} : await lockFolder(dataDir)
  let pglite: PGlite
  try {
    if (dataDir !== undefined) requireSpace(dataDir)
    const folder = dataDir === undefined ? undefined : join(dataDir, 'pglite')
    pglite = await create(folder, durable, sharedBuffersMb)
  } catch (error) {
    unlock()
    if (error instanceof EmbeddedError) throw error
    throw new EmbeddedError(
      'data_folder_unusable',
      `PGlite cannot open ${dataDir ?? 'a database in memory'}: ${messageOf(error)}`,
      { cause: error },
    )
  }
  const { connection: _, poolSize: max, ...config } = createPgConfig(pglite)
  const guarded = new GuardedPglite(pglite)
  const pool = new pg.Pool({ ...config, max, Client: pgliteClient(pglite, guarded.exec) })
  pool.on('error', () => {})
  const close = async (): Promise<void> => {
    if (guarded.hasStopped) return
    await Promise.race([pool.end(), guarded.stopped])
    // Closing writes a checkpoint. Without enough space PGlite would stop in the middle of it; the
    // log already contains everything that was committed.
    const canCheckpoint = dataDir === undefined || freeBytes(dataDir) >= MIN_OPEN_BYTES
    if (!guarded.hasStopped && canCheckpoint) await pglite.close()
  }
  let closing: Promise<void> | undefined
  return {
    kind: 'pglite',
    pool,
    listen: async (channel, onPayload, _onLost, onWhole) => {
      let scheduled = false
      // PGlite queues all notifications of a commit as microtasks at once, so a microtask that the
      // first of them schedules runs after the last.
      const settle = (): void => {
        scheduled = false
        onWhole?.()
      }
      const unlisten = await alone(pool, guarded, () =>
        pglite.listen(channel, (payload) => {
          onPayload(payload)
          if (scheduled || onWhole === undefined) return
          scheduled = true
          queueMicrotask(settle)
        }),
      )
      // A closed database has no listeners to remove.
      return async () => {
        if (closing === undefined) await alone(pool, guarded, () => unlisten())
      }
    },
    ...(dataDir !== undefined && {
      hasRoom: (bytes: number) =>
        freeBytes(dataDir) - bytes * BYTES_ON_DISK_PER_BYTE >= minFreeBytes,
    }),
    stopped: guarded.stopped,
    close: () => {
      closing ??= close().finally(unlock)
      return closing
    },
  }
}

/**
 * Uses PGlite directly, between two statements of the pool. PGlite has one session: a statement
 * that interleaves with another would make it lose rows.
 */
async function alone<T>(pool: pg.Pool, guarded: GuardedPglite, talk: () => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    guarded.requireRunning()
    return await talk()
  } finally {
    client.release()
  }
}

/** @throws {EmbeddedError} storage_full */
function requireSpace(dataDir: string): void {
  const isNew = !existsSync(join(dataDir, 'pglite', 'PG_VERSION'))
  const [free, needed] = [freeBytes(dataDir), isNew ? MIN_NEW_BYTES : MIN_OPEN_BYTES]
  if (free >= needed) return
  throw new EmbeddedError(
    'storage_full',
    `the disk of ${dataDir} has ${megabytes(free)} left, and PGlite needs ${megabytes(needed)}: free space on it, then restart`,
  )
}

async function create(
  folder: string | undefined,
  durable: boolean,
  sharedBuffersMb: number,
): Promise<PGlite> {
  const isDurable = folder !== undefined && durable
  const isHere = folder === undefined || existsSync(join(folder, 'PG_VERSION'))
  const createsHere = !isHere && !(await createElsewhere(folder, durable))
  const pglite = await PGlite.create({
    ...(isDurable ? { fs: new DurableFs(folder) } : folder !== undefined && { dataDir: folder }),
    startParams: [
      ...(isDurable ? DURABLE_START_PARAMS : PGlite.defaultStartParams),
      ...['-c', `shared_buffers=${sharedBuffersMb}MB`],
    ],
  })
  if (createsHere && isDurable) await syncTree(folder)
  return pglite
}
