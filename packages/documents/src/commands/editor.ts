import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { serveStatic } from '@hono/node-server/serve-static'
import type { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

/**
 * The content security policy of the editor. Scripts are only loaded from its own files. Inline styles are allowed,
 * because text has colours. Images and videos may be on other sites, but the editor asks before it loads them.
 * @param agentOrigins other origins that the assistant of the editor may call, with the key of its user
 */
const protectEditor = (agentOrigins: readonly string[]) =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      fontSrc: ["'self'", 'data:'],
      imgSrc: ["'self'", 'data:', 'blob:', 'http:', 'https:'],
      mediaSrc: ["'self'", 'data:', 'blob:', 'http:', 'https:'],
      connectSrc: ["'self'", ...agentOrigins],
      workerSrc: ["'self'"],
      manifestSrc: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
    },
    xFrameOptions: 'DENY',
    // Other sites must not learn document ids. This server still needs the origin of a request.
    referrerPolicy: 'same-origin',
    // Only the proxy in front knows whether the site is always reached over TLS.
    strictTransportSecurity: false,
  })

/**
 * The folder of the editor in the published package, which has it beside the bundled command; null in the repository,
 * where `apps/editor` builds it.
 * @param here the address of the module that asks
 */
export function publishedEditor(here: string = import.meta.url): string | null {
  const folder = fileURLToPath(new URL('./editor', here))
  return existsSync(folder) ? folder : null
}

/** Serves the built editor: its files, and its page for every path that the page itself routes. */
export function serveEditor(root: Hono, folder: string, agentOrigins: readonly string[]): void {
  const page = serveStatic({ root: folder, path: 'index.html' })
  root.use('/*', protectEditor(agentOrigins))
  root.use('/*', serveStatic({ root: folder }))
  root.get('/', page)
  root.get('/d/*', page)
  root.get('/inspect/*', page)
  root.get('/*', async (c, next) => {
    // The page shows that there is nothing at this path.
    const response = await page(c, next)
    return response === undefined
      ? undefined
      : new Response(response.body, { status: 404, headers: response.headers })
  })
}
