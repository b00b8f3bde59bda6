import { serveStatic } from '@hono/node-server/serve-static'
import type { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

/**
 * The content security policy of the editor. Scripts come from its own files alone. Styles may stand in the page,
 * since text has colours. Pictures and films may lie elsewhere, but the editor asks before it loads them.
 */
const protectEditor = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    fontSrc: ["'self'", 'data:'],
    imgSrc: ["'self'", 'data:', 'blob:', 'http:', 'https:'],
    mediaSrc: ["'self'", 'data:', 'blob:', 'http:', 'https:'],
    connectSrc: ["'self'"],
    workerSrc: ["'self'"],
    manifestSrc: ["'self'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
  },
  xFrameOptions: 'DENY',
  // Other sites learn no document id; the own server still sees where a request comes from.
  referrerPolicy: 'same-origin',
  // Whether a site is only reached over TLS is for its proxy to say.
  strictTransportSecurity: false,
})

/** The built editor: its files, and its page for every path that the page itself routes. */
export function serveEditor(root: Hono, folder: string): void {
  const page = serveStatic({ root: folder, path: 'index.html' })
  root.use('/*', protectEditor)
  root.use('/*', serveStatic({ root: folder }))
  root.get('/', page)
  root.get('/d/*', page)
  root.get('/inspect/*', page)
  root.get('/*', async (c, next) => {
    // The page knows how to say that there is nothing here.
    const response = await page(c, next)
    return response === undefined
      ? undefined
      : new Response(response.body, { status: 404, headers: response.headers })
  })
}
