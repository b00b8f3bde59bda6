// pglite() in a real Chromium, with the database in a web worker that tabs share. Deep, because PGlite creates its files in
// the browser: Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/persistence/pglite
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { build, type Plugin } from 'esbuild'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { launchBrowser } from '../harness/browser.ts'
import type { PglitePage } from './pglitePage.ts'

declare const page: PglitePage

const PATIENCE_MS = 60_000

describe.runIf(process.env.Y_ELECTRIC_DEEP === '1')('pglite() in a browser', () => {
  let site: { readonly url: string; close(): void }
  let browser: Browser
  let profile: BrowserContext

  beforeAll(async () => {
    site = await servePage()
    browser = await launchBrowser()
    profile = await browser.newContext()
  })
  afterAll(async () => {
    await browser?.close()
    site?.close()
  })

  async function openTab(): Promise<Page> {
    const tab = await profile.newPage()
    await tab.goto(site.url)
    await tab.waitForFunction(() => typeof page === 'object')
    return tab
  }

  test('meets the requirements of a store', async () => {
    const tab = await openTab()
    expect(await tab.evaluate(() => page.runStoreTests())).toEqual([])
    await tab.close()
  })

  test('tabs share one database: a live query sees the edits of another tab, which are adopted when that tab closes, even if it ran the database', async () => {
    const first = await openTab()
    await first.evaluate(() => page.keep('shared', 'of the first'))
    const second = await openTab()
    await second.evaluate(() => page.watch())
    await first.evaluate(() => page.keep('shared', 'one more'))
    await eventually(
      async () => expect(await second.evaluate(() => page.seen.at(-1))).toBe(2),
      PATIENCE_MS,
    )
    expect(await second.evaluate(() => page.adopt('shared'))).toEqual([])
    expect(await first.evaluate(() => page.isLeader())).toBe(true)
    expect(await second.evaluate(() => page.isLeader())).toBe(false)

    await first.close()
    await eventually(
      async () =>
        expect((await second.evaluate(() => page.adopt('shared'))).sort()).toEqual([
          'of the first',
          'one more',
        ]),
      PATIENCE_MS,
    )
    expect(await second.evaluate(() => page.isLeader())).toBe(true)
    await second.close()
  })

  test('a document is whole after the page was left', async () => {
    const tab = await openTab()
    expect(await tab.evaluate(() => page.open('letter', 'Dear Bob'))).toBe('Dear Bob')
    await tab.reload()
    await tab.waitForFunction(() => typeof page === 'object')
    expect(await tab.evaluate(() => page.open('letter', ''))).toBe('Dear Bob')
    await tab.close()
  })
})

const WORKER = `
  import { PGlite } from '@electric-sql/pglite'
  import { worker } from '@electric-sql/pglite/worker'
  worker({ init: async () => new PGlite('idb://y-electric-test') })`

const HTML = '<!doctype html><title>pglite</title><script type=module src=/page.js></script>'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
}

/** Serves the page, its worker, and the files that PGlite loads. */
async function servePage(): Promise<{ url: string; close(): void }> {
  const files = new Map(await bundle())
  files.set('index.html', Buffer.from(HTML))
  const folder = path.dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'))
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    const name = pathname === '/' ? 'index.html' : path.basename(pathname)
    try {
      const content = files.get(name) ?? (await readFile(path.join(folder, name)))
      const type = TYPES[path.extname(name)] ?? 'application/octet-stream'
      response.writeHead(200, { 'content-type': type }).end(content)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function bundle(): Promise<[name: string, content: Uint8Array][]> {
  const worker: Plugin = {
    name: 'worker',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^worker$/ }, ({ path }) => ({ path, namespace: 'test' }))
      const loaded = { contents: WORKER, resolveDir: import.meta.dirname }
      onLoad({ filter: /^worker$/, namespace: 'test' }, () => loaded)
    },
  }
  const { outputFiles } = await build({
    entryPoints: { page: path.join(import.meta.dirname, 'pglitePage.ts'), worker: 'worker' },
    plugins: [worker],
    bundle: true,
    write: false,
    outdir: '/',
    // The modules that PGlite imports only in Node stay in chunks that a browser never loads.
    splitting: true,
    external: ['node:*', 'fs', 'fs/promises', 'path', 'url', 'util', 'module', 'crypto', 'ws'],
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
    conditions: ['y-electric-source'],
  })
  return outputFiles.map(({ path: file, contents }) => [path.basename(file), contents])
}
