import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import { EmbeddedError, messageOf } from '../errors.ts'
import type { Database } from './database.ts'
import { DURABLE_START_PARAMS, DurableFs, syncTree } from './durableFs.ts'
import { lockFolder } from './folderLock.ts'
import { pgliteClient } from './pgliteConnection.ts'

export interface PgliteOptions {
  /** A folder of our own on disk, made when missing. Without it the data lives in memory. */
  dataDir?: string
  /**
   * False leaves it to the operating system when commits reach the disk: each is quicker by a sync,
   * and the last ones are lost with the machine, though not with the process. Default: true.
   */
  durable?: boolean
}

export async function openPglite(options: PgliteOptions = {}): Promise<Database> {
  const { dataDir, durable = true } = options
  const unlock = dataDir === undefined ? () => {} : await lockFolder(dataDir)
  let pglite: PGlite
  try {
    pglite = await create(dataDir === undefined ? undefined : join(dataDir, 'pglite'), durable)
  } catch (error) {
    unlock()
    throw new EmbeddedError(
      'data_folder_unusable',
      `PGlite does not open ${dataDir ?? 'in memory'}: ${messageOf(error)}`,
      { cause: error },
    )
  }
  const { connection: _, poolSize: max, ...config } = createPgConfig(pglite)
  const pool = new pg.Pool({ ...config, max, Client: pgliteClient(pglite) })
  pool.on('error', () => {})
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
      const unlisten = await alone(pool, () =>
        pglite.listen(channel, (payload) => {
          onPayload(payload)
          if (scheduled || onWhole === undefined) return
          scheduled = true
          queueMicrotask(settle)
        }),
      )
      // Closed first, it listens to nothing any more.
      return async () => {
        if (closing === undefined) await alone(pool, () => unlisten())
      }
    },
    close: () => {
      closing ??= pool
        .end()
        .then(() => pglite.close())
        .finally(unlock)
      return closing
    },
  }
}

/**
 * Talks to PGlite itself, between two statements of the pool: PGlite is one session, and would lose
 * the rows of a statement that another one comes in between.
 */
async function alone<T>(pool: pg.Pool, talk: () => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    return await talk()
  } finally {
    client.release()
  }
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
