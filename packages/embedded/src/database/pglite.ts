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
import { pgliteClient } from './pgliteConnection.ts'

export interface PgliteOptions {
  /** A folder of our own on disk, made when missing. Without it the data lives in memory. */
  dataDir?: string
  /**
   * False leaves it to the operating system when commits reach the disk: each is quicker by a sync,
   * and the last ones are lost with the machine, though not with the process. Default: true.
   */
  durable?: boolean
  /** The space on the disk of `dataDir` below which `hasRoom` is false, in bytes. */
  minFreeBytes?: number
}

export async function openPglite(options: PgliteOptions = {}): Promise<Database> {
  const { dataDir, durable = true, minFreeBytes = MIN_FREE_BYTES } = options
  const unlock = dataDir === undefined ? () => {} : await lockFolder(dataDir)
  let pglite: PGlite
  try {
    if (dataDir !== undefined) requireSpace(dataDir)
    pglite = await create(dataDir === undefined ? undefined : join(dataDir, 'pglite'), durable)
  } catch (error) {
    unlock()
    if (error instanceof EmbeddedError) throw error
    throw new EmbeddedError(
      'data_folder_unusable',
      `PGlite does not open ${dataDir ?? 'in memory'}: ${messageOf(error)}`,
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
    // Closing writes a checkpoint. Without the space for it PGlite would stop in the middle, and the
    // log has everything that was committed.
    const canCheckpoint = dataDir === undefined || freeBytes(dataDir) >= MIN_OPEN_BYTES
    if (!guarded.hasStopped && canCheckpoint) await pglite.close()
  }
  let closing: Promise<void> | undefined
  return {
    kind: 'pglite',
    pool,
    listen: async (channel, onPayload, _onLost, onWhole) => {
      let scheduled = false
      // PGlite queues all notifications of a commit as microtasks in one go: what is scheduled by
      // the first of them runs after the last.
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
      // Closed first, it listens to nothing any more.
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
 * Talks to PGlite itself, between two statements of the pool: PGlite is one session, and would lose
 * the rows of a statement that another one comes in between.
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
    `the disk of ${dataDir} has ${megabytes(free)} left, and PGlite needs ${megabytes(needed)}: free space on it, then start again`,
  )
}

async function create(folder: string | undefined, durable: boolean): Promise<PGlite> {
  if (folder === undefined) return PGlite.create()
  if (!durable) return PGlite.create({ dataDir: folder })
  const isNew = !existsSync(join(folder, 'PG_VERSION'))
  const pglite = await PGlite.create({
    fs: new DurableFs(folder),
    startParams: [...DURABLE_START_PARAMS],
  })
  if (isNew) await syncTree(folder)
  return pglite
}
