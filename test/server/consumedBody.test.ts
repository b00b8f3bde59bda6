// Another part of the app has read the body of a request. The answer names the problem and the fix.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { documentRoutes } from '@y-electric/documents'
import { allowAll, createApp } from '@y-electric/server'
import express, { type RequestHandler } from 'express'
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { segmentsPath, updatesPath } from 'y-electric/protocol'
import { freshDocId, serveApp, useBackend } from '../e2e/server.ts'
import { countRows, expectError, postUpdate, rawRequest, someUpdate } from './api.ts'
import { type ExpressServer, serveInExpress } from './express.ts'

const backend = useBackend('pglite')
const servers: { close(): Promise<void> }[] = []
let errors: unknown[]
let before: number
beforeEach(async () => {
  errors = []
  before = await countRows(backend.current)
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const ourApp = () =>
  createApp({
    extensions: [documentRoutes],
    pool: backend.current.pool,
    shapes: backend.current.shapes,
    authorize: allowAll,
    onError: (error) => errors.push(error),
  })

async function inExpress(...parsers: RequestHandler[]): Promise<ExpressServer> {
  const server = await serveInExpress(ourApp(), parsers)
  servers.push(server)
  return server
}

const everything = { type: () => true }

async function expectConsumed(response: Response, reports = 1): Promise<void> {
  const { error } = (await response.clone().json()) as { error: { message: string } }
  expect(error.message).toMatch(/mount y-electric before body parsers such as express\.json\(\)/)
  await expectError(response, 500, 'body_consumed')
  expect(await countRows(backend.current)).toBe(before)
  expect(errors).toHaveLength(reports)
}

const roll = (url: string): Promise<Response> =>
  fetch(url + segmentsPath(freshDocId()), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"active":0}',
  })

/** A body without a length: Node sends it in chunks. */
const inChunks = (port: number, ...chunks: Uint8Array[]): Promise<Response> =>
  rawRequest(
    { port },
    'POST',
    `/api${updatesPath(freshDocId())}`,
    { 'content-type': 'application/octet-stream', 'idempotency-key': randomUUID() },
    chunks,
  )

describe('in Express', () => {
  test('behind express.json() a JSON body is refused as consumed, and an update is accepted', async () => {
    const { url } = await inExpress(express.json())
    await expectConsumed(await roll(url))
    expect((await postUpdate({ url }, freshDocId())).status).toBe(201)
  })

  test.each<[string, RequestHandler]>([
    ['express.raw()', express.raw(everything)],
    ['express.text()', express.text(everything)],
    ['express.urlencoded()', express.urlencoded({ ...everything, extended: true })],
    [
      'a handler that reads the stream',
      async (request, _response, next) => {
        for await (const _ of request);
        next()
      },
    ],
    [
      'a handler that reads a part of the stream',
      (request, _response, next) => {
        request.once('data', () => {
          request.pause()
          next()
        })
      },
    ],
    [
      'a handler that discards the stream',
      (request, _response, next) => {
        request.resume().once('end', () => next())
      },
    ],
  ])(
    'behind %s an update is refused as consumed, with a length and in chunks',
    async (_, parser) => {
      const { url, port } = await inExpress(parser)
      await expectConsumed(await postUpdate({ url }, freshDocId()))
      await expectConsumed(await inChunks(port, someUpdate(), someUpdate()), 2)
    },
  )

  test('an app that is mounted before the parsers reads bodies, and an empty body is an error of the client', async () => {
    const server = await serveInExpress(ourApp(), [], [express.json(), express.raw(everything)])
    servers.push(server)
    const { url, port } = server
    expect((await postUpdate({ url }, freshDocId())).status).toBe(201)
    expect((await inChunks(port, someUpdate())).status).toBe(201)
    await expectError(await inChunks(port), 400, 'empty_update')
    const empty = { body: new Uint8Array() as BodyInit }
    await expectError(await postUpdate({ url }, freshDocId(), empty), 400, 'empty_update')
    expect(errors).toEqual([])
  })

  test('a body that the host keeps as rawBody is read from there', async () => {
    const { url } = await inExpress(express.raw(everything), (request, _response, next) => {
      Object.assign(request, { rawBody: request.body })
      next()
    })
    expect((await postUpdate({ url }, freshDocId())).status).toBe(201)
  })
})

describe('in a fetch host', () => {
  const request = (init: RequestInit & { duplex?: 'half' } = {}) =>
    new Request(`http://localhost${updatesPath(freshDocId())}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'idempotency-key': randomUUID() },
      body: someUpdate() as BodyInit,
      ...init,
    } as RequestInit)

  test('a request whose body was read is refused', async () => {
    const read = request()
    await read.arrayBuffer()
    await expectConsumed(await ourApp().fetch(read))
  })

  test('a request whose body is locked by a reader is refused', async () => {
    const locked = request()
    locked.body?.getReader()
    await expectConsumed(await ourApp().fetch(locked))
  })

  test('a request that declares more bytes than it has is refused', async () => {
    for (const [length, body] of [
      ['100', null],
      ['100', new Uint8Array()],
      ['100', someUpdate()],
    ] as const) {
      const headers = { ...Object.fromEntries(request().headers), 'content-length': length }
      errors.length = 0
      await expectConsumed(await ourApp().fetch(request({ headers, body: body as BodyInit })))
    }
  })

  test('a request whose body a Hono middleware has read is refused', async () => {
    const root = new Hono()
    root.use(async (c, next) => {
      await c.req.text()
      await next()
    })
    await expectConsumed(await root.route('/', ourApp()).fetch(request()))
  })

  test('a request with its body is stored, in one part and in many', async () => {
    expect((await ourApp().fetch(request())).status).toBe(201)
    const body = Readable.toWeb(Readable.from([someUpdate()])) as unknown as BodyInit
    expect((await ourApp().fetch(request({ body, duplex: 'half' }))).status).toBe(201)
  })

  test('a stream that breaks does not count as a consumed body', async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.error(new Error('the connection broke')),
    })
    const response = await ourApp().fetch(request({ body, duplex: 'half' }))
    await expectError(response, 500, 'internal')
  })
})

test('a body that a Node server reads before it makes the Request is refused as consumed', async () => {
  const app = ourApp()
  const server = createServer(async (incoming: IncomingMessage, outgoing) => {
    for await (const _ of incoming);
    const headers = new Headers(incoming.headers as Record<string, string>)
    const left = new ReadableStream({ start: (controller) => controller.close() })
    const response = await app.fetch(
      new Request(`http://localhost${incoming.url?.slice('/api'.length)}`, {
        method: incoming.method ?? 'GET',
        headers,
        body: left,
        duplex: 'half',
      } as RequestInit),
    )
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(await response.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/api`
  servers.push({
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
  await expectConsumed(await postUpdate({ url }, freshDocId()))
  await expectConsumed(await inChunks(port, someUpdate()), 2)
})

test('a request that is refused for another reason names that reason', async () => {
  const server = await serveApp({ backend: backend.current, authorize: () => 'forbidden' })
  servers.push(server)
  await expectError(await postUpdate(server, freshDocId()), 403, 'forbidden')
})
