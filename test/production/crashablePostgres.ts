// A native Postgres with fsync that a test can kill like a power failure, and start again.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startPostgres } from '../harness/postgres.ts'

export interface CrashablePostgres {
  readonly url: string
  /** Sends SIGKILL to all its processes. */
  kill(): Promise<void>
  /** Starts Postgres, perhaps with more settings. The last value of a setting counts. */
  start(settings?: readonly string[]): Promise<void>
  stop(): Promise<void>
}

export async function startCrashablePostgres(): Promise<CrashablePostgres> {
  const cluster = await startPostgres({ durable: true })
  const folder = await query(cluster.url, 'SHOW data_directory')
  const command = await commandOf(folder)
  const postmaster = async () =>
    Number((await readFile(path.join(folder, 'postmaster.pid'), 'utf8')).split('\n')[0])

  const kill = async () => {
    const pid = await postmaster()
    const all = [pid, ...(await childrenOf(pid))]
    // The first process is killed first, because it would start others.
    for (const one of all) killOne(one)
    while ((await Promise.all(all.map(isRunning))).includes(true)) await sleep(5)
  }
  const start = async (settings: readonly string[] = []) => {
    const { uid, gid } = await stat(folder)
    // Another process may have the pid now. The sockets and shared memory of the dead processes are free.
    await rm(path.join(folder, 'postmaster.pid'), { force: true })
    const [executable = '', ...parameters] = command
    const changed = settings.flatMap((setting) => ['-c', setting])
    const child = spawn(executable, [...parameters, ...changed], {
      uid,
      gid,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'ignore'],
    })
    const ended = once(child, 'exit').then(() => {
      throw new Error('Postgres did not start again')
    })
    ended.catch(() => {})
    child.unref()
    await Promise.race([answering(cluster.url), ended])
  }
  return {
    url: cluster.url,
    kill,
    start,
    async stop() {
      await kill()
      // The first process ended long ago, so the harness only has to remove the folder.
      await Promise.race([cluster.stop(), sleep(1_000)])
      await rm(path.dirname(folder), { recursive: true, force: true })
    },
  }
}

async function commandOf(folder: string): Promise<string[]> {
  const text = await readFile(path.join(folder, 'postmaster.opts'), 'utf8')
  const [executable = '', ...rest] = text.trim().split(' "')
  return [executable, ...rest.map((parameter) => parameter.replace(/"$/, ''))]
}

async function query(url: string, text: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query({ text, rowMode: 'array' })
    return String(rows[0]?.[0])
  } finally {
    await client.end().catch(() => {})
  }
}

async function answering(url: string): Promise<void> {
  for (;;) {
    const answer = await query(url, 'SELECT 1').catch(() => null)
    if (answer === '1') return
    await sleep(20)
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const parents = await Promise.all(
    pids.map(async (one) => ({ one, parent: (await statOf(one))[1] })),
  )
  return parents.filter(({ parent }) => Number(parent) === pid).map(({ one }) => one)
}

const isRunning = async (pid: number): Promise<boolean> => {
  const [state] = await statOf(pid)
  return state !== undefined && state !== 'Z' && state !== 'X'
}

/** The fields of /proc/PID/stat from the state on: state, parent, … Empty if the process does not exist. */
async function statOf(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return text === '' ? [] : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // The process ended by itself after the postmaster.
  }
}
