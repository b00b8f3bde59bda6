import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { EmbeddedError, messageOf } from '../errors.ts'
import { tryLockFile } from './kernelLock.ts'

/** The locked file in the folder. It stays after the lock is released: see `lockFolder`. */
export const LOCK_FILE = 'lock'

/** The content of the lock file: it tells people who holds the lock and has no other effect. */
interface Holder {
  readonly pid: number
  readonly host: string
  /** ISO 8601. */
  readonly since: string
}

/**
 * Lets one process at a time use a folder, which is created if it is missing. The lock is a kernel lock
 * on a file in the folder. It also works between containers that share a volume, and it ends with the
 * process that holds it, so a SIGKILL leaves nothing that blocks a restart.
 *
 * The file is never removed. Otherwise one process could lock a file that another process has just
 * removed, while a third process creates and locks a new one.
 * @throws {EmbeddedError} data_folder_locked, data_folder_unusable
 */
export async function lockFolder(folder: string): Promise<() => void> {
  const file = join(folder, LOCK_FILE)
  let fd: number | undefined
  try {
    await mkdir(folder, { recursive: true })
    // Child processes inherit neither the descriptor nor its lock: Node opens files with O_CLOEXEC.
    fd = openSync(file, 'a+')
    if (!tryLockFile(fd)) throw lockedError(folder, readHolder(file))
    describeHolder(fd)
  } catch (error) {
    if (fd !== undefined) closeSync(fd)
    throw error instanceof EmbeddedError ? error : unusable(folder, error)
  }
  const held = fd
  return () => {
    ftruncateSync(held)
    closeSync(held)
  }
}

function describeHolder(fd: number): void {
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
  }
  ftruncateSync(fd)
  writeSync(fd, JSON.stringify(holder))
}

/** Undefined if the holder has not written the file yet, or if it cannot be read. */
function readHolder(file: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof value !== 'object' || value === null) return undefined
    const { pid, host, since } = value as Partial<Record<keyof Holder, unknown>>
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof since !== 'string') {
      return undefined
    }
    return { pid, host, since }
  } catch {
    return undefined
  }
}

function lockedError(folder: string, holder: Holder | undefined): EmbeddedError {
  const by =
    holder === undefined
      ? 'another process'
      : `process ${holder.pid} on host ${holder.host} since ${holder.since}`
  return new EmbeddedError(
    'data_folder_locked',
    `The data folder ${folder} is in use by ${by}. One process at a time can use it: stop that one first (in a rolling deployment, the old container before the new one starts), or use another folder.`,
  )
}

function unusable(folder: string, error: unknown): EmbeddedError {
  return new EmbeddedError(
    'data_folder_unusable',
    `The data folder ${folder} cannot be used: it cannot be created, written or locked (${messageOf(error)}). Use a folder on a file system that this process may write and that supports file locks.`,
    { cause: error },
  )
}
