// Serves a page whose PGlite runs in a worker, as an app does: with the files that PGlite loads, compressed, and kept by
// the browser's cache.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'

export interface PgliteSite {
  readonly url: string
  /** The bytes of all answers since the last call, without headers. */
  takeBytes(): number
  close(): void
}

/** The page names the folder of its database: `PGliteWorker.create(new Worker('/worker.js'), { dataDir })`. */
const WORKER = `
  import { PGlite } from '@electric-sql/pglite'
  import { worker } from '@electric-sql/pglite/worker'
  worker({ init: async ({ dataDir }) => new PGlite(dataDir) })`

const HTML = '<!doctype html><title>pglite</title><script type=module src=/page.js></script>'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
}

/** @param script the file of the script of the page */
export async function servePgliteSite(script: string): Promise<PgliteSite> {
  const sources = new Map(await bundle(script))
  sources.set('index.html', Buffer.from(HTML))
  const folder = path.dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'))
  const compressed = new Map<string, Promise<Uint8Array>>()
  const compress = async (name: string): Promise<Uint8Array> =>
    gzipSync(sources.get(name) ?? (await readFile(path.join(folder, name))))
  let bytes = 0
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    const name = pathname === '/' ? 'index.html' : path.basename(pathname)
    try {
      const known = compressed.get(name) ?? compress(name)
      compressed.set(name, known)
      const content = await known
      bytes += content.byteLength
      response
        .writeHead(200, {
          'content-type': TYPES[path.extname(name)] ?? 'application/octet-stream',
          'content-encoding': 'gzip',
          'cache-control': 'max-age=3600',
        })
        .end(content)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    takeBytes() {
      const taken = bytes
      bytes = 0
      return taken
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function bundle(script: string): Promise<[name: string, content: Uint8Array][]> {
  const worker: Plugin = {
    name: 'worker',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^worker$/ }, ({ path }) => ({ path, namespace: 'site' }))
      const loaded = { contents: WORKER, resolveDir: import.meta.dirname }
      onLoad({ filter: /^worker$/, namespace: 'site' }, () => loaded)
    },
  }
  const { outputFiles } = await build({
    entryPoints: { page: script, worker: 'worker' },
    plugins: [worker],
    bundle: true,
    minify: true,
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
