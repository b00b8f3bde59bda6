import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EmbeddedError, messageOf } from '../errors.ts'

interface Holder {
  pid: number
  host: string
  /** When the process started, as the system tells it: a pid alone may have been given again. */
  started: string | null
  token: string
}

/** Folders that this very process holds: its own pid in a lock file proves nothing. */
const heldHere = new Set<string>()

/** Longer than any process takes from finding a lock stale to putting its own in the place. */
const TAKEOVER_MS = 100

/**
 * Lets one process at a time use a folder, which is made when missing. The lock is a file in it
 * that names its holder, and it counts only while that process lives, so a SIGKILL leaves nothing
 * that blocks a restart.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  let path: string
  try {
    await mkdir(folder, { recursive: true })
    path = await realpath(folder)
  } catch (error) {
    throw unusable(folder, error)
  }
  if (heldHere.has(path)) throw lockedError(folder, process.pid)
  heldHere.add(path)
  const file = join(path, 'lock')
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    started: await startOf(process.pid),
    token: randomUUID(),
  }
  try {
    const other = await take(file, holder)
    if (other !== undefined) throw lockedError(folder, other.pid)
  } catch (error) {
    heldHere.delete(path)
    throw error instanceof EmbeddedError ? error : unusable(folder, error)
  }
  return async () => {
    heldHere.delete(path)
    if ((await readHolder(file))?.token === holder.token) await rm(file, { force: true })
  }
}

/** Takes the lock, or tells who has it. */
async function take(file: string, holder: Holder): Promise<Holder | undefined> {
  const text = JSON.stringify(holder)
  const mine = `${file}.${holder.token}`
  await writeFile(mine, text)
  try {
    // A link is made whole or not at all, and fails when the name is taken: of two starters one wins.
    await link(mine, file)
    return undefined
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
    const other = await readHolder(file)
    if (other !== undefined && (await isAlive(other))) return other
    // Stale. Two starters may both find it so: the one whose lock stays is the holder.
    await rename(mine, file)
    await sleep(TAKEOVER_MS)
    const winner = await readHolder(file)
    return winner?.token === holder.token ? undefined : winner
  } finally {
    await rm(mine, { force: true })
  }
}

const unusable = (folder: string, error: unknown): EmbeddedError =>
  new EmbeddedError(
    'data_folder_unusable',
    `The data folder ${folder} cannot be used: ${messageOf(error)}`,
    { cause: error },
  )

function lockedError(folder: string, pid: number): EmbeddedError {
  return new EmbeddedError(
    'data_folder_locked',
    `The data folder ${folder} is in use by process ${pid}. Stop that process, or use another folder.`,
  )
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof value !== 'object' || value === null) return undefined
    const { pid, host, started, token } = value as Partial<Holder>
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof token !== 'string') {
      return undefined
    }
    return { pid, host, token, started: typeof started === 'string' ? started : null }
  } catch {
    return undefined
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  // On another machine we cannot look: a container's new name after a restart is the common case.
  if (holder.host !== hostname()) return false
  // Our own pid: this process does not hold it, so it is left from an earlier one (containers
  // often give pid 1 again).
  if (holder.pid === process.pid) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if (!isErrno(error, 'EPERM')) return false
  }
  const started = await startOf(holder.pid)
  return started === null || holder.started === null || started === holder.started
}

/** Field 22 of /proc/<pid>/stat, where there is one. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(join('/proc', String(pid), 'stat'), 'utf8')
    const state = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie holds no files.
    if (state[0] === 'Z') return 'zombie'
    return state[19] ?? null
  } catch {
    return null
  }
}

const isErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
