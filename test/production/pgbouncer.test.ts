// Runs with a real PgBouncer in transaction mode, if one is installed. Only LISTEN bypasses it.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import { openClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, roll } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { createDatabase, freePort } from '../harness/postgres.ts'
import { startServer } from './child.ts'

const hasPgbouncer = spawnSync('pgbouncer', ['--version']).status === 0

/** Starts it with two connections for all clients, so that two transactions of one client rarely share one. */
async function startPgbouncer(
  databaseUrl: string,
): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-pgbouncer-'))
  await chmod(folder, 0o755)
  const to = new URL(databaseUrl)
  const port = await freePort()
  const file = path.join(folder, 'pgbouncer.ini')
  await writeFile(
    file,
    `[databases]
pooled = host=${to.hostname} port=${to.port} dbname=${to.pathname.slice(1)} user=${to.username} password=${to.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
ignore_startup_parameters = extra_float_digits
`,
  )
  // PgBouncer refuses to run as root.
  const isRoot = process.getuid?.() === 0
  const id = spawnSync('id', ['-u', 'nobody']).stdout.toString().trim()
  const child = spawn('pgbouncer', ['-q', file], {
    stdio: ['ignore', 'ignore', 'ignore'],
    ...(isRoot ? { uid: Number(id), gid: (await stat(folder)).gid } : {}),
  })
  const ended = once(child, 'exit')
  // Also ends PgBouncer if the test fails.
  onTestFinished(() => void child.kill('SIGTERM'))
  const url = `postgres://anybody:x@127.0.0.1:${port}/pooled`
  await eventually(async () => {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {})
    await client.connect()
    await client.end()
  })
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

test.runIf(isDeep && hasPgbouncer)('everything except LISTEN works through PgBouncer', async () => {
  const database = await createDatabase(inject('databaseUrl'))
  const pooler = await startPgbouncer(database.url)

  const deaf = startServer({ DATABASE_URL: pooler.url })
  const { code, output } = await deaf.ended
  expect(code).toBe(2)
  expect(output).toContain('set DATABASE_LISTEN_URL to Postgres itself')

  const server = startServer({ DATABASE_URL: pooler.url, DATABASE_LISTEN_URL: database.url })
  const url = `${await server.url}/api`
  const docId = freshDocId()
  const people = Array.from({ length: 6 }, () => openClient({ url, docId }))
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  for (let i = 0; i < 90; i++) {
    people[i % people.length]?.type(String(i % 10))
    if (i % 30 === 29) await roll(pool, docId)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await eventually(() => {
    const texts = new Set(people.map(({ text }) => text.toString()))
    expect(texts.size).toBe(1)
    expect([...texts][0]).toHaveLength(90)
  }, 20_000)
  for (const { errors } of people) expect(errors).toEqual([])
  await Promise.all(people.map((person) => person.close()))
  // Many requests at once, each with a statement that the other connection has never seen.
  const answers = await Promise.all(
    Array.from({ length: 60 }, () =>
      fetch(`${url}/docs/${docId}/state`).then(({ status }) => status),
    ),
  )
  expect(new Set(answers)).toEqual(new Set([200]))
  await server.stop()
  expect(server.output()).not.toContain('prepared statement')
  await pool.end()
  await pooler.stop()
  await database.drop()
})
