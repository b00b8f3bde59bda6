// A server with the API, and one page with a script at the same origin.
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { allowAll, createApp } from '@y-electric/server'
import { Hono } from 'hono'
import { inject } from 'vitest'
import type { TestBackend } from '../e2e/server.ts'

export interface PageServer {
  /** The address of the page. */
  readonly url: string
  /** Requested paths below `/api`, oldest first. */
  readonly requests: string[]
  close(): Promise<void>
}

export async function servePage(backend: TestBackend): Promise<PageServer> {
  const scripts = inject('labScripts')
  const { pool, shapes } = backend
  const requests: string[] = []
  const root = new Hono()
  root.use('/api/*', (c, next) => {
    requests.push(`${c.req.method} ${c.req.path}`)
    return next()
  })
  root.route('/api', createApp({ pool, shapes, authorize: allowAll, onError: () => {} }))
  root.get('/', (c) =>
    c.html('<!doctype html><title>lab</title><script type=module src=/page.js></script>'),
  )
  root.get('/:script', (c) => {
    const script = scripts[c.req.param('script')]
    if (script === undefined) return c.notFound()
    // A page that is loaded again takes the script, and what was compiled of it, from the browser's cache.
    return c.body(script, 200, {
      'content-type': 'text/javascript',
      'cache-control': 'max-age=3600',
    })
  })
  const server = createAdaptorServer({ fetch: root.fetch })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
