// Runs `npx @y-electric/embedded`, which serves Electric's API without Docker, as a child process.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { Shape, ShapeStream } from '@electric-sql/client'
import pg from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { isDeep, someOf } from '../harness/deep.ts'
import { fillPgliteFolder } from '../harness/pgliteFolder.ts'
import { createDatabase } from '../harness/postgres.ts'
import { connectRaw, parseAnswer } from '../server/rawHttp.ts'
import { type Child, embeddedScript, startChild } from './child.ts'

const run = (...parameters: string[]): Child =>
  startChild(embeddedScript, {}, ['--port', '0', ...parameters])

test('the command serves any Postgres, with a secret', async () => {
  const database = await createDatabase(inject('databaseUrl'))
  const pool = new pg.Pool({ connectionString: database.url })
  await pool.query('CREATE TABLE notes (id integer PRIMARY KEY, text text)')
  const child = run('--database-url', database.url, '--secret', 'sesame')
  const url = await child.url
  expect(child.output()).not.toContain('password')
  expect(await (await fetch(`${url}/v1/health`)).json()).toEqual({ status: 'active' })
  expect((await fetch(`${url}/v1/shape?table=notes&offset=-1`)).status).toBe(401)

  const stop = new AbortController()
  const stream = new ShapeStream({
    url: `${url}/v1/shape`,
    params: { table: 'notes', secret: 'sesame' },
    liveSse: true,
    signal: stop.signal,
  })
  const shape = new Shape(stream as unknown as ConstructorParameters<typeof Shape>[0])
  expect(await shape.rows).toEqual([])
  await pool.query("INSERT INTO notes VALUES (1, 'hello')")
  await eventually(() => expect(shape.currentRows).toEqual([{ id: 1, text: 'hello' }]))
  stop.abort()
  await child.stop()
  expect((await child.ended).code).toBe(0)
  await pool.end()
  await database.drop()
})

test('--chunk-bytes splits a read into several answers', { skip: !isDeep }, async () => {
  const database = await createDatabase(inject('databaseUrl'))
  const pool = new pg.Pool({ connectionString: database.url })
  await pool.query('CREATE TABLE notes (id integer PRIMARY KEY, text text)')
  await pool.query("INSERT INTO notes SELECT n, repeat('x', 500) FROM generate_series(1, 10) n")
  const child = run('--database-url', database.url, '--chunk-bytes', '1000')
  const url = `${await child.url}/v1/shape?table=notes`
  const first = await fetch(`${url}&offset=-1`)
  const messages: unknown[] = await first.json()
  expect(first.headers.get('electric-offset')).toBe('0_0')
  expect(messages).toHaveLength(2)
  const handle = first.headers.get('electric-handle')
  const second = await fetch(`${url}&offset=0_0&handle=${handle}`)
  expect(second.headers.get('electric-offset')).toBe('0_1')
  expect(await second.json()).toHaveLength(2)
  await child.stop()
  await pool.end()
  await database.drop()
})

test('the command serves PGlite in a folder', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-embedded-'))
  await fillPgliteFolder(folder)
  const child = run('--data-dir', folder)
  const url = await child.url
  const refused = await fetch(`${url}/v1/shape?table=nothing&offset=-1`)
  expect(refused.status).toBe(400)
  expect(await refused.text()).toContain('does not exist')
  const second = await run('--data-dir', folder).ended
  expect(second).toMatchObject({ code: 2, output: expect.stringContaining('is in use by process') })
  await child.stop()
  await rm(folder, { recursive: true })
})

test('without a secret the command refuses host names that a foreign page could use', async () => {
  const database = await createDatabase(inject('databaseUrl'))
  const statusAs = async (url: string, host: string): Promise<number> => {
    const { send, closed } = await connectRaw(url)
    send(`GET /v1/health HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
    return parseAnswer(await closed).status
  }
  const open = run('--database-url', database.url)
  const url = await open.url
  const { port } = new URL(url)
  expect(await statusAs(url, `127.0.0.1:${port}`)).toBe(200)
  expect(await statusAs(url, `localhost:${port}`)).toBe(200)
  expect(await statusAs(url, `evil.example:${port}`)).toBe(403)
  expect(await statusAs(url, 'localhost.evil.example')).toBe(403)
  await open.stop()

  const secured = run('--database-url', database.url, '--secret', 'sesame')
  expect(await statusAs(await secured.url, 'shapes.example')).toBe(200)
  await secured.stop()
  await database.drop()
})

/** Each is a process of its own. */
const WRONG: readonly (readonly [readonly string[], string])[] = [
  [['--prot', '1'], "Unknown option '--prot'"],
  [['--host', '0.0.0.0', '--memory'], 'set --secret or ELECTRIC_SECRET, or listen on 127.0.0.1'],
  [['--database-url', 'postgres://me:hush@127.0.0.1:1/x'], 'ECONNREFUSED'],
  [['--port', 'x'], 'the port must be a number'],
  [['--host', '::', '--memory'], 'could read the database without a secret'],
  [['--host', '0.0.0.0', '--memory', '--secret', ''], 'could read the database without a secret'],
  [['--cors', 'page.test'], '--cors must be * or a list of origins'],
  [['--chunk-bytes', '0'], '--chunk-bytes must be a whole number from 1 to'],
  [['--chunk-bytes', '1e3'], '--chunk-bytes must be a whole number from 1 to'],
  [['--chunk-bytes', '999999999'], '--chunk-bytes must be a whole number from 1 to'],
  [['--memory', '--chunk-bytes'], "Option '--chunk-bytes <value>' argument missing"],
  [['--database-url', 'mysql://x'], 'must be a URL that starts with postgres://'],
]

describe.concurrent('a wrong command line is reported in one line', () => {
  const refusal = async (...parameters: string[]): Promise<string> => {
    const { code, output } = await startChild(embeddedScript, {}, parameters).ended
    expect(code, output).toBe(2)
    expect(output.trim().split('\n')).toHaveLength(1)
    return output
  }
  test.each(someOf(WRONG, 2))('%j', async (parameters, message) => {
    const said = await refusal(...parameters)
    expect(said).toContain(message)
    expect(said).not.toContain('hush')
  })
  test('a port in use', { skip: !isDeep }, async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    expect(
      await refusal('--database-url', inject('databaseUrl'), '--port', String(port)),
    ).toContain(`port ${port} is in use`)
    taken.close()
  })
  test('--help', { skip: !isDeep }, async () => {
    const { code, output } = await startChild(embeddedScript, {}, ['--help']).ended
    expect(code).toBe(0)
    expect(output).toContain('--database-url')
  })
})
