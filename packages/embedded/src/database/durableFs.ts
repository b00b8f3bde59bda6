import { fdatasyncSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

/** The part of Emscripten used here; PGlite's types omit it. */
interface WithNodeFs {
  readonly NODEFS?: {
    readonly stream_ops: { fsync?: (stream: { readonly nfd: number }) => number }
  }
}

/**
 * A folder whose writes reach the disk when Postgres asks for it. PGlite's own filesystem leaves
 * them to the operating system: they survive the end of the process but not a crash of the machine.
 */
export class DurableFs extends NodeFS {
  override async init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const initialised = await super.init(...args)
    const { preRun } = initialised.emscriptenOpts
    const addSync = (module: object): void => {
      const operations = (module as WithNodeFs).NODEFS?.stream_ops
      if (operations === undefined) throw new Error('PGlite has no NODEFS to make durable')
      operations.fsync = ({ nfd }) => {
        fdatasyncSync(nfd)
        return 0
      }
    }
    return {
      emscriptenOpts: {
        ...initialised.emscriptenOpts,
        preRun: [...(Array.isArray(preRun) ? preRun : []), addSync],
      },
    }
  }
}

/** Emscripten ignores `fdatasync` but passes `fsync` on. */
export const DURABLE_START_PARAMS: readonly string[] = [
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  ...['-c', 'fsync=on', '-c', 'wal_sync_method=fsync'],
]

/**
 * How many files are open at once while a new database is synced; a process may have a low limit of
 * open files.
 */
const SYNCED_AT_ONCE = 16

/** Syncs the files of a new database, which PGlite writes without syncing. */
export async function syncTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const paths = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
  const next = [...paths, folder].values()
  const work = async (): Promise<void> => {
    for (const path of next) await syncFile(path)
  }
  await Promise.all(Array.from({ length: SYNCED_AT_ONCE }, work))
}

/** Syncs a file, or the names in a folder. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
