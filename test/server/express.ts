// Mounts the y-electric app in an Express app, behind its body parsers.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import express, { type RequestHandler } from 'express'

export interface ExpressServer {
  /** The URL of the mounted API. */
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

interface FetchApp {
  fetch(request: Request, env?: object): Response | Promise<Response>
}

/** Mounts `app` at `/api`, behind `before` and in front of `after`. */
export async function serveInExpress(
  app: FetchApp,
  before: readonly RequestHandler[] = [],
  after: readonly RequestHandler[] = [],
): Promise<ExpressServer> {
  const root = express()
  for (const handler of before) root.use(handler)
  const listener = getRequestListener((request, env) => app.fetch(request, env))
  root.use('/api', (request, response) => void listener(request, response))
  for (const handler of after) root.use(handler)
  const server = createServer(root)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/api`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
