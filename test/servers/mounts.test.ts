// The snippets of docs/servers.md for Node, unchanged, each used by two people. One process runs all of them.
import path from 'node:path'
import { createApp } from '@y-electric/server'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { statePath } from 'y-electric/protocol'
import { readJson } from '../../tools/release/stage.ts'
import { openClient } from '../e2e/client.ts'
import { freshDocId, serveApp, useBackend } from '../e2e/server.ts'
import { someOf } from '../harness/deep.ts'
import { noteMount } from '../harness/mounts.ts'
import { root } from '../readme/readme.ts'
import type { SnippetFolder } from '../readme/snippets.ts'
import { writeSnippets } from './page.ts'
import { writeTogether } from './people.ts'
import { type Program, START_MS, startProgram } from './program.ts'
import { freePort, openWorld, type World } from './world.ts'

const NODE = ['hono', 'express', 'fastify', 'node'] as const

/** How long the database, its shapes and the snippets may take before that, in milliseconds. */
const SETUP_MS = 30_000

let world: World
let folder: SnippetFolder
let program: Program | undefined
let ports: number[] = []

beforeAll(async () => {
  world = await openWorld()
  folder = await writeSnippets()
  ports = await Promise.all(NODE.map(freePort))
  // Each snippet reads its port when it is loaded.
  const loads = NODE.map(
    (name, i) => `process.env.PORT = '${ports[i]}'\nawait import('./${name}.ts')`,
  )
  await folder.write('all.ts', `${loads.join('\n')}\nexport {}`)
  const last = urlAt(NODE.length - 1)
  const args = ['--import', 'tsx', 'all.ts']
  program = await startProgram(process.execPath, args, {
    env: world.env,
    url: last,
    cwd: folder.path,
  })
}, START_MS + SETUP_MS)
afterAll(async () => {
  await program?.stop()
  await world.close()
  await folder.remove()
})

const urlAt = (index: number): string => `http://127.0.0.1:${ports[index]}/api`

const TITLES = { hono: 'Hono', express: 'Express', fastify: 'Fastify', node: 'Node' } as const

async function versionOf(name: (typeof NODE)[number]): Promise<[title: string, version: string]> {
  if (name === 'node') return [TITLES.node, process.versions.node]
  const file = path.join(root, 'node_modules', name, 'package.json')
  const { version } = await readJson<{ version: string }>(file)
  return [TITLES[name], version]
}

const backend = useBackend()

test.each(NODE.map((name, index) => [name, index] as const))(
  'two people write in one document through a server with %s',
  async (name, index) => {
    await writeTogether(urlAt(index))
    await noteMount(...(await versionOf(name)))
  },
)

test.each(someOf(['neutral', 'browser'] as const))(
  'the packages for servers are bundled for the platform "%s" without a module of Node',
  async (platform) => {
    const built = await build({
      stdin: {
        contents: "export * from '@y-electric/server'; export * as d from '@y-electric/documents'",
        resolveDir: path.join(root, 'test'),
      },
      bundle: true,
      write: false,
      format: 'esm',
      platform,
      mainFields: ['module', 'main'],
      conditions: ['import'],
      external: ['pg'],
      logLevel: 'silent',
    })
    expect([built.errors, built.warnings]).toEqual([[], []])
  },
)

test('without compression of its own, the app leaves an answer as it is', async () => {
  const server = await serveApp({ backend: backend.current, compress: false })
  const docId = freshDocId('plain')
  const client = openClient({ url: server.url, docId })
  try {
    client.type('much text '.repeat(500))
    await client.provider.whenSaved()
    const headers = { 'accept-encoding': 'gzip' }
    const answer = await fetch(server.url + statePath(docId), { headers })
    expect([answer.status, answer.headers.get('content-encoding')]).toEqual([200, null])
    await answer.arrayBuffer()
  } finally {
    await client.close()
    await server.close()
  }
})

test('a route of Next.js sends answers as they are, because Next.js removes the header that names their compression', async () => {
  const server = await serveApp({ backend: backend.current })
  const docId = freshDocId('plain')
  const client = openClient({ url: server.url, docId })
  try {
    client.type('much text '.repeat(500))
    await client.provider.whenSaved()
    const url = server.url + statePath(docId)
    const request = () => new Request(url, { headers: { 'accept-encoding': 'gzip' } })
    const ofNext = Object.assign(request(), { nextUrl: new URL(url) })
    const answers = [await server.handle(request()), await server.handle(ofNext)]
    expect(answers.map(({ headers }) => headers.get('content-encoding'))).toEqual(['gzip', null])
    await Promise.all(answers.map((answer) => answer.arrayBuffer()))
  } finally {
    await client.close()
    await server.close()
  }
})

test('an unknown way to compress is refused', () => {
  const { pool, shapes } = backend.current
  const compress = 'gzip' as 'auto'
  expect(() => createApp({ pool, shapes, authorize: () => 'allow', compress })).toThrow(
    /compress must be 'auto' or false/,
  )
})
