// pglite() in a real Chromium, with the database in a web worker that tabs share. Deep, because PGlite creates its files in
// the browser: Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/persistence/pglite
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { build } from 'esbuild'
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

/** Serves the page, its worker, and the files that PGlite loads. */
async function servePage(): Promise<{ url: string; close(): void }> {
  const script = await bundle({ entryPoints: [path.join(import.meta.dirname, 'pglitePage.ts')] })
  const worker = await bundle({ stdin: { contents: WORKER, resolveDir: import.meta.dirname } })
  const folder = path.dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'))
  const pages: Readonly<Record<string, readonly [type: string, body: string]>> = {
    '/': [
      'text/html',
      '<!doctype html><title>pglite</title><script type=module src=/page.js></script>',
    ],
    '/page.js': ['text/javascript', script],
    '/worker.js': ['text/javascript', worker],
  }
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    const [type, body] = pages[pathname] ?? [typeOf(pathname), null]
    try {
      const content = body ?? (await readFile(path.join(folder, path.basename(pathname))))
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

const typeOf = (file: string): string =>
  file.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream'

async function bundle(entry: Parameters<typeof build>[0]): Promise<string> {
  const { outputFiles = [] } = await build({
    ...entry,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
    conditions: ['y-electric-source'],
    // PGlite loads these only in Node.
    external: ['node:*', 'fs', 'fs/promises', 'path', 'url', 'util', 'module', 'crypto', 'ws'],
  })
  return outputFiles[0]?.text ?? ''
}
