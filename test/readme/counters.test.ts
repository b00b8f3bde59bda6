// The counter of docs/counters.md, on two devices that are offline at the same time.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type * as Y from 'yjs'
import { openClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { docsPage } from './readme.ts'
import { openSnippetFolder, type SnippetFolder } from './snippets.ts'

interface Device {
  readonly doc: Y.Doc
  award(points: number, reason: string, id?: string): void
  total(): number
}

const backend = useBackend('postgres')
let server: TestServer
let folder: SnippetFolder
let file = ''

beforeAll(async () => {
  server = await serveApp({ backend: backend.current })
  folder = await openSnippetFolder()
  const [counter] = docsPage('counters').blocks.filter(({ language }) => language === 'ts')
  file = await folder.write('counter.ts', counter?.content ?? '')
})

afterAll(async () => {
  await folder.remove()
  await server.close()
})

/** Evaluates the snippet once more, with a document of its own, as another device would. */
const openDevice = (name: string): Promise<Device> => import(/* @vite-ignore */ `${file}?${name}`)

test('points that two devices award while both are offline are added, each once', async () => {
  const docId = freshDocId()
  const phone = await openDevice('phone')
  const laptop = await openDevice('laptop')
  expect(phone.doc).not.toBe(laptop.doc)
  phone.award(10, 'lesson')
  laptop.award(20, 'test')
  // Both devices see that the same course has ended.
  phone.award(5, 'course', 'course-1-ended')
  laptop.award(5, 'course', 'course-1-ended')
  expect([phone.total(), laptop.total()]).toEqual([15, 25])

  const clients = [phone, laptop].map(({ doc }) => openClient({ url: server.url, docId, doc }))
  try {
    await Promise.all(clients.map(({ provider }) => provider.whenSaved()))
    await eventually(() => phone.total() === 35 && laptop.total() === 35)
    // A cause that is seen again, by whichever device, adds nothing.
    phone.award(5, 'course', 'course-1-ended')
    expect(phone.total()).toBe(35)
  } finally {
    await Promise.all(clients.map((client) => client.close()))
  }
})
