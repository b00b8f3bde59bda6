// The snippets of docs/versions.md, docs/proxies.md and docs/next.md, on a real server.
import { allowAll, type createApp } from '@y-electric/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ElectricProvider, ElectricProviderOptions } from 'y-electric'
import * as Y from 'yjs'
import { openClient } from '../e2e/client.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { docsPage } from './readme.ts'
import { checkTypes, openSnippetFolder, type SnippetFolder } from './snippets.ts'

const PAGES = ['versions', 'proxies', 'next'] as const

const backend = useBackend('postgres')
let server: TestServer
let folder: SnippetFolder

beforeAll(async () => {
  server = await serveApp({ backend: backend.current })
  folder = await openSnippetFolder()
  for (const name of PAGES) {
    const snippets = docsPage(name).blocks.filter(({ language }) => language === 'ts')
    expect(snippets.length, name).toBeGreaterThan(0)
    for (const [i, { content }] of snippets.entries())
      await folder.write(`${name}-${i}.ts`, content)
  }
})
afterAll(async () => {
  await folder.remove()
  await server.close()
})

const load = (file: string) => import(/* @vite-ignore */ `${folder.path}/${file}`)

test('the snippets of the guides have no type errors', async () => {
  expect(await checkTypes(folder)).toBe('')
})

test('the functions of docs/versions.md keep, name, compare and restore a version', async () => {
  const { versionsOf } = await load('versions-0.ts')
  const docId = freshDocId()
  const client = openClient({ url: server.url, docId })
  await client.provider.whenSynced()
  client.type('before')
  await client.provider.whenSaved()
  const versions = versionsOf(server.url, docId)
  const { seq } = await versions.keep('First')
  await versions.rename(seq, 'The first')
  client.type(' and after')
  await client.provider.whenSaved()
  expect((await versions.list()).snapshots).toMatchObject([{ seq, label: 'The first' }])
  expect((await versions.compare(seq)).changes).toMatchObject([{ type: 'text', path: ['body'] }])
  const { kept } = await versions.restore(seq)
  await expect.poll(() => client.text.toString()).toBe('before')
  await versions.restore(kept)
  await expect.poll(() => client.text.toString()).toBe('before and after')
  await expect(versions.restore(10 ** 9)).rejects.toThrow('not_found')
  await client.close()
})

test('the server of docs/proxies.md lets pages of the listed origin in, with their cookies, and no others', async () => {
  const { open } = (await load('proxies-0.ts')) as { open: typeof createApp }
  const { pool, shapes } = backend.current
  const app = open({ pool, shapes, authorize: allowAll })
  const ask = (origin: string) =>
    app.request('http://127.0.0.1/docs/a/state', { headers: { origin, host: '127.0.0.1' } })
  const { headers } = await ask('https://app.example.com')
  expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com')
  expect(headers.get('access-control-allow-credentials')).toBe('true')
  expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
})

test('the provider of docs/proxies.md opens a document', async () => {
  const { openAcross } = (await load('proxies-1.ts')) as {
    openAcross(options: ElectricProviderOptions): ElectricProvider
  }
  const provider = openAcross({ url: server.url, docId: freshDocId(), doc: new Y.Doc() })
  await provider.whenSynced()
  await provider.destroy()
})
