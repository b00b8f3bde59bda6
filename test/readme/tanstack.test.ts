// The snippets of docs/tanstack-db.md, on a real server.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DocumentsCollection, VersionsCollection } from 'y-electric/tanstack-db'
import { eventually } from '../e2e/eventually.ts'
import { serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { postUpdate } from '../server/api.ts'
import { docsPage } from './readme.ts'
import { openSnippetFolder, type SnippetFolder } from './snippets.ts'

interface Lists {
  openList(
    url: string,
    headers: () => Record<string, string>,
  ): {
    readonly documents: DocumentsCollection
    readonly newestFirst: {
      readonly toArray: readonly { docId: string; title: string | null }[]
      preload(): Promise<void>
      cleanup(): Promise<void>
    }
    create(title: string): { readonly docId: string; readonly saved: Promise<unknown> }
    rename(docId: string, title: string): Promise<unknown>
    remove(docId: string): Promise<unknown>
  }
}

interface Versions {
  openVersions(
    url: string,
    docId: string,
  ): {
    readonly versions: VersionsCollection
    keep(label: string): Promise<unknown>
    rename(seq: number, label: string): Promise<unknown>
    forget(seq: number): Promise<unknown>
  }
}

const backend = useBackend('postgres')
let server: TestServer
let folder: SnippetFolder
let files: readonly string[]

beforeAll(async () => {
  server = await serveApp({ backend: backend.current })
  folder = await openSnippetFolder()
  const snippets = docsPage('tanstack-db').blocks.filter(({ language }) => language === 'ts')
  files = await Promise.all(
    snippets.map(({ content }, i) => folder.write(`snippet-${i}.ts`, content)),
  )
})
afterAll(async () => {
  await folder.remove()
  await server.close()
})

test('the lists of docs/tanstack-db.md show documents and versions, and change them', async () => {
  const [lists, history] = (await Promise.all(
    files.map((file) => import(/* @vite-ignore */ file)),
  )) as [Lists, Versions]
  const list = lists.openList(server.url, () => ({ authorization: 'Bearer token' }))
  await list.newestFirst.preload()
  const titles = () => list.newestFirst.toArray.map(({ title }) => title)
  const { docId, saved } = list.create('First')
  await saved
  await list.create('Second').saved
  expect(titles()).toEqual(['Second', 'First'])
  await list.rename(docId, 'The first')
  expect(titles()).toEqual(['Second', 'The first'])

  await postUpdate(server, docId)
  const { versions, ...change } = history.openVersions(server.url, docId)
  await versions.preload()
  await change.keep('Draft')
  const [{ seq = 0 } = {}] = versions.toArray
  await change.rename(seq, 'Final')
  await eventually(() => expect(versions.toArray).toMatchObject([{ seq, label: 'Final' }]))
  await change.forget(seq)
  expect(versions.toArray).toEqual([])

  await list.remove(docId)
  expect(titles()).toEqual(['Second'])
  await Promise.all([list.newestFirst.cleanup(), list.documents.cleanup(), versions.cleanup()])
})
