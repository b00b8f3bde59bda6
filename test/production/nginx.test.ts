// Runs docs/nginx.conf in a real nginx, if one is installed. 200 readers of a document cause few requests.
import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type Message, ShapeStream } from '@electric-sql/client'
import { createAdaptorServer } from '@hono/node-server'
import { documentRoutes } from '@y-electric/documents'
import { createShapeService } from '@y-electric/embedded'
import { allowAll, createApp, migrate } from '@y-electric/server'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'
import * as Y from 'yjs'
import { openClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { noteFigure } from '../harness/figures.ts'
import { freePort } from '../harness/postgres.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'

const READERS = 200
const EDITS = 5
const hasNginx = spawnSync('nginx', ['-v']).status === 0
const documented = path.resolve(import.meta.dirname, '../../docs/nginx.conf')

const shared = useTestDatabase('postgres')

/** Starts nginx with the documented file, but another port, another server and temporary folders. */
async function startNginx(serverPort: number): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-nginx-'))
  const port = await freePort()
  const config = (await readFile(documented, 'utf8'))
    .replace('user www-data;', `user ${os.userInfo().username};\npid ${folder}/pid;`)
    .replace('worker_processes auto', 'worker_processes 2')
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
    .replace('127.0.0.1:4000', `127.0.0.1:${serverPort}`)
    .replace('/var/cache/nginx', `${folder}/cache`)
    .replace(
      'access_log off;',
      `access_log off;\n${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
        .join('\n')}`,
    )
  const file = path.join(folder, 'nginx.conf')
  await writeFile(file, config)
  spawnSync('mkdir', ['-p', `${folder}/cache`])
  const child = spawn('nginx', ['-p', folder, '-c', file, '-g', 'daemon off;'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const ended = once(child, 'exit')
  // Also ends nginx if the test fails.
  onTestFinished(() => void child.kill('SIGTERM'))
  const url = `http://127.0.0.1:${port}`
  await eventually(async () => expect((await fetch(`${url}/api/health`)).status).toBe(200))
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Starts a y-electric server that counts its requests. */
async function startCountingServer() {
  const { database } = shared
  await migrate(database.pool)
  const service = await createShapeService({ database })
  const app = createApp({
    extensions: [documentRoutes],
    pool: database.pool,
    shapes: { url: 'http://shapes.test', fetch: (request) => service.fetch(request) },
    authorize: allowAll,
    publicCache: true,
  })
  const counts = new Map<string, number>()
  const root = new Hono().route('/api', app)
  const server = createAdaptorServer({
    fetch: (request: Request) => {
      const { pathname, searchParams } = new URL(request.url)
      const kind = pathname.split('/')[4] ?? 'other'
      const name = kind === 'segments' ? (searchParams.has('live') ? 'live polls' : 'joins') : kind
      counts.set(name, (counts.get(name) ?? 0) + 1)
      return root.fetch(request)
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    count: (name: string) => counts.get(name) ?? 0,
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await service.close()
    },
  }
}

function updateOf(text: string): Uint8Array<ArrayBuffer> {
  const doc = new Y.Doc()
  doc.getText('body').insert(0, text)
  return new Uint8Array(Y.encodeStateAsUpdate(doc))
}

test.runIf(isDeep && hasNginx)(
  '200 readers of one document cause a handful of requests',
  { timeout: 120_000 },
  async () => {
    const server = await startCountingServer()
    const nginx = await startNginx(server.port)
    const stop = new AbortController()
    const docId = freshDocId()
    const write = async (text: string) => {
      const response = await fetch(`${nginx.url}/api/docs/${docId}/updates`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream', 'idempotency-key': randomUUID() },
        body: updateOf(text),
      })
      expect(response.status).toBe(201)
    }
    for (let i = 0; i < 20; i++) await write(`before ${i}`)

    const rows = Array.from({ length: READERS }, () => 0)
    for (let reader = 0; reader < READERS; reader++) {
      const stream = new ShapeStream({
        url: `${nginx.url}/api/docs/${docId}/segments/0`,
        signal: stop.signal,
      })
      stream.subscribe((messages: Message[]) => {
        rows[reader] = (rows[reader] ?? 0) + messages.filter((message) => 'key' in message).length
      })
    }
    const allHave = (count: number) =>
      eventually(() => expect(Math.min(...rows)).toBe(count), 30_000)
    await allHave(20)
    const joins = server.count('joins')
    for (let edit = 1; edit <= EDITS; edit++) {
      await write(`edit ${edit}`)
      await allHave(20 + edit)
    }
    const polls = server.count('live polls')
    stop.abort()
    await noteFigure(
      'upstream requests per 200 clients (nginx)',
      `${joins} for the joins, ${polls} for the live polls of ${EDITS} edits (each client made ${EDITS + 1})`,
    )
    expect(joins).toBeLessThanOrEqual(10)
    expect(polls).toBeLessThanOrEqual(10 * (EDITS + 1))
    await nginx.stop()
    await server.close()
  },
)

test.runIf(isDeep && hasNginx)('clients type through nginx, by streams and by polls', async () => {
  const server = await startCountingServer()
  const nginx = await startNginx(server.port)
  const docId = freshDocId()
  const people = (['sse', 'long-poll', 'sse'] as const).map((live) =>
    openClient({ url: `${nginx.url}/api`, docId, live }),
  )
  for (let i = 0; i < 30; i++) {
    people[i % people.length]?.type(String(i % 10))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await eventually(() => {
    const texts = new Set(people.map(({ text }) => text.toString()))
    expect([...texts][0]).toHaveLength(30)
    expect(texts.size).toBe(1)
  }, 20_000)
  for (const { errors } of people) expect(errors).toEqual([])
  await Promise.all(people.map((person) => person.close()))
  await nginx.stop()
  await server.close()
})
