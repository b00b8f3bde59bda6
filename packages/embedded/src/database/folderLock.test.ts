import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { someOf } from '../../../../test/harness/deep.ts'
import { LOCK_FILE, lockFolder } from './folderLock.ts'

// Each case starts a process that takes the lock, so a default run takes only the first of some cases.

let folder: string
let children: ChildProcess[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-lock-'))
  children = []
})
afterEach(async () => {
  await Promise.all(children.map((child) => kill(child)))
  await rm(folder, { recursive: true, force: true })
})

/**
 * Prints one line of JSON that says whether it locked the folder, and keeps it until it is killed.
 */
const OPENER = `
  import { spawn } from 'node:child_process'
  import { hostname } from 'node:os'
  import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, 'folderLock.ts'))}
  try {
    await lockFolder(process.env.FOLDER)
    const child = process.env.WITH_CHILD ? spawn('sleep', ['60'], { stdio: 'ignore' }) : undefined
    console.log(JSON.stringify({ pid: process.pid, host: hostname(), child: child?.pid }))
    setInterval(() => {}, 60_000)
  } catch ({ code, message }) {
    console.log(JSON.stringify({ pid: process.pid, host: hostname(), code, message }))
  }`

interface Told {
  readonly pid: number
  readonly host: string
  /** The pid of a child process that the holder started. */
  readonly child?: number
  readonly code?: string
  readonly message?: string
}

interface OpenerOptions {
  /** Runs it in its own PID and UTS namespaces, as a container does; its pid there is 1. */
  readonly host?: string
  readonly withChild?: boolean
}

async function openElsewhere({ host, withChild }: OpenerOptions = {}): Promise<{
  child: ChildProcess
  told: Told
}> {
  const node = [process.execPath, '--import', import.meta.resolve('tsx'), '--input-type=module']
  const command = [...node, '-e', OPENER]
  const inContainer = [...UNSHARE, 'sh', '-c', `hostname ${host} && exec "$@"`, 'sh', ...command]
  const [program = '', ...args] = host === undefined ? command : inContainer
  const child = spawn(program, args, {
    env: { ...process.env, FOLDER: folder, ...(withChild ? { WITH_CHILD: '1' } : {}) },
    // Some versions of unshare print a warning about their signal mask when their child is killed.
    stdio: ['ignore', 'pipe', host === undefined ? 'inherit' : 'ignore'],
  })
  children.push(child)
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return { child, told: JSON.parse(String(line)) as Told }
}

/** Each test starts up to three processes of Node, which a busy machine slows down. */
const PROCESSES = { timeout: 240_000 }

const UNSHARE = ['unshare', '--pid', '--uts', '--fork', '--mount-proc', '--kill-child']
const hasNamespaces = spawnSync(UNSHARE[0] ?? '', [...UNSHARE.slice(1), 'true']).status === 0

async function kill(child: ChildProcess, pid = child.pid): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || pid === undefined) return
  const exited = once(child, 'exit')
  process.kill(pid, 'SIGKILL')
  await exited
}

/**
 * The pid, as this process sees it, of the process that has pid 1 in the namespaces of `unshare`.
 */
async function pidInside({ pid }: ChildProcess): Promise<number> {
  return Number(await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'))
}

const expectRefused = ({ code, message }: Told, holder: Pick<Told, 'pid' | 'host'>): void => {
  expect({ code, message }).toEqual({
    code: 'data_folder_locked',
    message: expect.stringContaining(`process ${holder.pid} on host ${holder.host} since 20`),
  })
}

describe('within one process', () => {
  test('a second lock is refused until the first is released, also through another path', async () => {
    const alias = `${folder}-alias`
    await symlink(folder, alias)
    const release = await lockFolder(folder)
    for (const path of [folder, alias]) {
      await expect(lockFolder(path)).rejects.toMatchObject({
        code: 'data_folder_locked',
        message: expect.stringMatching(
          `The data folder .* is in use by process ${process.pid} on host ${hostname()} since .*stop that one first`,
        ),
      })
    }
    release()
    ;(await lockFolder(alias))()
    await rm(alias)
  })

  test('exactly one of many concurrent openers gets the folder', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)))
    const [winner, ...others] = outcomes.filter(({ status }) => status === 'fulfilled')
    expect(others).toEqual([])
    if (winner?.status === 'fulfilled') winner.value()
  })

  test('a worker thread is refused while the main thread has the folder', async () => {
    const release = await lockFolder(folder)
    const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'))
    const module = JSON.stringify(new URL('folderLock.ts', import.meta.url).href)
    const worker = new Worker(
      `const { parentPort } = require('node:worker_threads')
       import(${tsx})
         .then(({ tsImport }) => tsImport(${module}, ${module}))
         .then(({ lockFolder }) => lockFolder(${JSON.stringify(folder)}))
         .then(() => parentPort.postMessage('locked'), ({ code }) => parentPort.postMessage(code))`,
      { eval: true },
    )
    expect(await once(worker, 'message')).toEqual(['data_folder_locked'])
    await worker.terminate()
    release()
  })

  test('the error for a folder that cannot be created or locked names the folder and the reason', async () => {
    await writeFile(join(folder, 'file'), '')
    const inFile = join(folder, 'file', 'below')
    await expect(lockFolder(inFile)).rejects.toMatchObject({
      code: 'data_folder_unusable',
      message: expect.stringContaining(`${inFile} cannot be used`),
    })
  })
})

describe('between processes', PROCESSES, () => {
  test('the folder is free as soon as its holder is killed', async () => {
    const { child, told } = await openElsewhere()
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'data_folder_locked',
      message: expect.stringContaining(`process ${told.pid} on host ${hostname()}`),
    })
    await kill(child)
    ;(await lockFolder(folder))()
  })

  test('a child process that outlives the holder does not keep the folder', async () => {
    const { child, told } = await openElsewhere({ withChild: true })
    await kill(child)
    const orphan = told.child ?? Number.NaN
    expect(() => process.kill(orphan, 0)).not.toThrow()
    ;(await lockFolder(folder))()
    process.kill(orphan, 'SIGKILL')
  })

  const lockFiles: [how: string, named?: Pick<Told, 'pid' | 'host'>][] = [
    ['names another host', { pid: 1, host: 'elsewhere' }],
    ['names this very process', { pid: process.pid, host: hostname() }],
    ['names a process that does not exist', { pid: 2 ** 30, host: hostname() }],
    ['is not JSON'],
  ]
  test.each(someOf(lockFiles))(
    'a lock file that %s neither blocks a free folder nor frees a held one',
    async (_, named) => {
      const since = '2026-01-01T00:00:00.000Z'
      const text = named === undefined ? '{"pid":' : JSON.stringify({ ...named, since })
      await writeFile(join(folder, LOCK_FILE), text)
      const release = await lockFolder(folder)
      await writeFile(join(folder, LOCK_FILE), text)
      const { told } = await openElsewhere()
      if (named === undefined) expect(told.message).toContain('in use by another process')
      else expectRefused(told, named)
      expect(told.code).toBe('data_folder_locked')
      release()
    },
  )
})

// Skipped where the system does not allow namespaces (they need root); the tests between two processes
// above still run there.
describe.runIf(hasNamespaces)('between containers that share a volume', PROCESSES, () => {
  const containers = [
    ['with the same pid and the same host name', 'same', 'same'],
    ['with the same pid and different host names', 'one', 'two'],
  ] as const
  test.each(someOf(containers))(
    'only one container gets the folder, %s; after its SIGKILL the other gets it',
    async (_, first, second) => {
      const holder = await openElsewhere({ host: first })
      expect(holder.told).toEqual({ pid: 1, host: first })
      const refused = await openElsewhere({ host: second })
      expect(refused.told).toMatchObject({ pid: 1, host: second })
      expectRefused(refused.told, holder.told)
      await kill(holder.child, await pidInside(holder.child))
      const next = await openElsewhere({ host: second })
      expect(next.told).toEqual({ pid: 1, host: second })
    },
  )
})
