import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { isDeep } from '../../../../test/harness/deep.ts'
import { usedFolder } from '../testing/usedFolder.ts'
import type { Database } from './database.ts'
import { lockFolder } from './folderLock.ts'
import { openPglite } from './pglite.ts'

/** Each round opens the folder in another process, kills that process, and opens the folder here. */
const ROUNDS = isDeep ? 3 : 1

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-pglite-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Opens the folder and inserts rows until it is killed; prints each row's number once committed. */
const WRITER = `
  import { openPglite } from ${JSON.stringify(join(import.meta.dirname, 'pglite.ts'))}
  const database = await openPglite({ dataDir: process.env.FOLDER })
  await database.pool.query('CREATE TABLE IF NOT EXISTS acked (n integer)')
  const { rows } = await database.pool.query('SELECT coalesce(max(n), 0) AS n FROM acked')
  for (let n = rows[0].n + 1; ; n++) {
    await database.pool.query('INSERT INTO acked VALUES ($1)', [n])
    process.stdout.write(n + '\\n')
  }`

function start(
  program: string,
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
): ChildProcess & { stdout: NodeJS.ReadableStream } {
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', program],
    { env: { ...process.env, ...env, FOLDER: dataDir }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  return child as ChildProcess & { stdout: NodeJS.ReadableStream }
}

test('the error of a second opener names the holder of the folder, also in the same process', async () => {
  const dataDir = join(folder, 'made', 'here')
  // Locking creates the folder and its parents. The database is copied from a template, because PGlite
  // needs three seconds of CPU time to create one. The set-up of the run and the tests of the programs
  // cover that.
  const unlock = await lockFolder(dataDir)
  unlock()
  await cp(join(inject('pgliteTemplate'), 'pglite'), join(dataDir, 'pglite'), { recursive: true })
  const first = await openPglite({ dataDir })
  await expect(openPglite({ dataDir })).rejects.toMatchObject({
    code: 'data_folder_locked',
    message: expect.stringContaining(`process ${process.pid}`),
  })
  await first.close()
  const second = await openPglite({ dataDir })
  await second.close()
  expect((await readdir(dataDir)).sort()).toEqual(['lock', 'pglite'])
})

test('the folder is locked while another process writes, and opens with every acked row after its SIGKILL', async () => {
  const dataDir = await usedFolder()
  for (let round = 0; round < ROUNDS; round++) {
    const child = start(WRITER, dataDir)
    let acked = 0
    const lines = createInterface({ input: child.stdout })
    await new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        acked = Number(line)
        if (acked >= (round + 1) * 100) resolve()
      })
    })
    await expect(openPglite({ dataDir })).rejects.toMatchObject({
      code: 'data_folder_locked',
      message: expect.stringContaining(`process ${child.pid}`),
    })
    child.kill('SIGKILL')
    await once(child, 'exit')
    lines.close()

    const database = await openPglite({ dataDir })
    const { rows } = await database.pool.query('SELECT count(*)::int, max(n) FROM acked')
    expect(rows[0].max).toBeGreaterThanOrEqual(acked)
    expect(rows[0].count).toBe(rows[0].max)
    await database.close()
  }
  await rm(dataDir, { recursive: true })
})

/** Opens a folder, and prints how many WebAssembly memories this process created for it. */
const OPENER = `
  let memories = 0
  const { Memory } = WebAssembly
  WebAssembly.Memory = class extends Memory {
    constructor(...parameters) {
      super(...parameters)
      memories++
    }
  }
  if (process.env.EXECUTABLE) process.execPath = process.env.EXECUTABLE
  const { openPglite } = await import(${JSON.stringify(join(import.meta.dirname, 'pglite.ts'))})
  const { pool, close } = await openPglite({ dataDir: process.env.FOLDER })
  const { rows } = await pool.query("SELECT system_identifier::text AS identifier FROM pg_control_system()")
  console.log(JSON.stringify({ memories, ...rows[0] }))
  await close()`

async function openInProcess(
  dataDir: string,
  executable = '',
): Promise<{ memories: number; identifier: string }> {
  const child = start(OPENER, dataDir, { EXECUTABLE: executable })
  const ended = once(child, 'exit')
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  expect(await ended).toEqual([0, null])
  return JSON.parse(line)
}

test('a new database takes no more WebAssembly memories than an old one, and an interrupted creation is removed', {
  skip: !isDeep,
}, async () => {
  const dataDir = join(folder, 'new')
  const left = join(dataDir, 'pglite.new-abcdef', 'pglite')
  await mkdir(left, { recursive: true })
  await writeFile(join(left, 'PG_VERSION'), '18\n')
  expect((await openInProcess(dataDir)).memories).toBe(1)
  expect((await readdir(dataDir)).sort()).toEqual(['lock', 'pglite'])
})

test.skipIf(!isDeep)(
  'a process creates a new database itself if its executable bundles Node, or if no other Node starts',
  async () => {
    for (const executable of ['/missing/program', '/missing/node']) {
      const dataDir = join(folder, basename(executable))
      const created = await openInProcess(dataDir, executable)
      expect(created.memories).toBeGreaterThan(1)
      expect((await readdir(dataDir)).sort()).toEqual(['lock', 'pglite'])
      expect(await openInProcess(dataDir)).toEqual({ ...created, memories: 1 })
    }
  },
)

describe('an open database', () => {
  let database: Database
  beforeAll(async () => {
    const dataDir = await usedFolder()
    database = await openPglite({ dataDir, sharedBuffersMb: 4 })
    return async () => {
      await database.close()
      await rm(dataDir, { recursive: true })
    }
  })

  test('keeps as many pages in memory as the option says', async () => {
    const { rows } = await database.pool.query('SHOW shared_buffers')
    expect(rows).toEqual([{ shared_buffers: '4MB' }])
    for (const sharedBuffersMb of [0, 1.5, Number.NaN]) {
      await expect(openPglite({ sharedBuffersMb })).rejects.toThrow(
        `sharedBuffersMb must be a whole number from 1, not ${sharedBuffersMb}`,
      )
    }
  })

  test('lets timers and sockets run while statements follow one another without a pause', async () => {
    let hadTurn = false
    setTimeout(() => {
      hadTurn = true
    }, 0)
    for (let i = 0; i < 2_000 && !hadTurn; i++) await database.pool.query('SELECT 1')
    expect(hadTurn).toBe(true)
  })

  test('runs every statement that waits behind one that fails', async () => {
    const divide = { name: 'divide', text: 'SELECT 12 / $1::int AS n' }
    const outcomes = await Promise.all(
      [0, 1, 0, 2, 3, 0, 4].map((by) =>
        database.pool.query<{ n: number }>({ ...divide, values: [by] }).then(
          ({ rows }) => rows[0]?.n,
          (error: Error) => error.message,
        ),
      ),
    )
    const failed = 'division by zero'
    expect(outcomes).toEqual([failed, 12, failed, 6, 4, failed, 3])
    expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })
})
