// Sockets cannot use up the file descriptors of a process that has few, and every route works afterwards.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { isDeep } from '../harness/deep.ts'
import { fillPgliteFolder } from '../harness/pgliteFolder.ts'
import { BASELINE_WEBASSEMBLY } from '../harness/serverProcess.ts'
import { postUpdate } from '../server/api.ts'
import { serverScript } from './child.ts'

const DESCRIPTORS = 512
const EDITOR = path.resolve(import.meta.dirname, '../../apps/editor/dist')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-descriptors-'))
  await fillPgliteFolder(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function startWithFewDescriptors() {
  const command = `ulimit -n ${DESCRIPTORS} && exec "$0" "$@"`
  const child = spawn(
    'sh',
    [
      '-c',
      command,
      process.execPath,
      BASELINE_WEBASSEMBLY,
      serverScript,
      'serve',
      '--editor',
      EDITOR,
    ],
    {
      env: { ...process.env, PORT: '0', DATA_DIR: folder, AUTHORIZE: 'allow-all' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      const [found] = /http:\/\/[\d.:]+/.exec(String(chunk)) ?? []
      if (found !== undefined) resolve(found)
    })
    child.once('close', (code) => reject(new Error(`the server exited with ${code}: ${output}`)))
  })
  return { child, url, output: () => output }
}

/** Sends every kind of request about one document. */
async function everyKind(url: string): Promise<[request: string, status: number][]> {
  const docId = `doc-${randomUUID()}`
  const api = `${url}/api`
  const doc = new Y.Doc()
  // Large enough for a worker.
  doc.getText('notes').insert(0, 'words '.repeat(30_000))
  const body = Y.encodeStateAsUpdate(doc) as BodyInit
  const answers: [string, number][] = []
  const note = (name: string, { status }: Response) => answers.push([name, status])
  note('append', await postUpdate({ url: api }, docId, { body }))
  const formats = 'json text html markdown prosemirror update update-v2 stats'.split(' ')
  const reads = [
    ...formats.map((format) => `?format=${format}`),
    ...['/state', '/verify', '/snapshots', '/segments/0?offset=-1', '/awareness/rows?offset=-1'],
  ]
  for (const read of reads) note(read, await fetch(`${api}/docs/${docId}${read}`))
  const keep = {
    method: 'POST',
    body: '{"label":"x"}',
    headers: { 'content-type': 'application/json' },
  }
  note('keep', await fetch(`${api}/docs/${docId}/versions`, keep))
  const markdown = { method: 'PUT', body: '# x', headers: { 'content-type': 'text/markdown' } }
  note('import', await fetch(`${api}/docs/${docId}-2?format=markdown`, markdown))
  for (const path of ['/api/docs', '/api/health', '/api/openapi.json', '/', '/favicon.svg']) {
    note(path, await fetch(url + path))
  }
  return answers
}

test('idle sockets do not use up the file descriptors, and every route works after they are closed', {
  skip: !isDeep,
  timeout: 180_000,
}, async () => {
  const { child, url, output } = await startWithFewDescriptors()
  const { hostname, port } = new URL(url)
  const sockets: Socket[] = []
  for (let i = 0; i < 2 * DESCRIPTORS; i++) {
    const socket = connect({ host: hostname, port: Number(port) })
    socket.on('error', () => {})
    sockets.push(socket)
  }
  await eventually(() => expect(output()).toContain('connection closed: too many connections'))
  for (const socket of sockets) socket.destroy()
  await eventually(async () => expect((await fetch(`${url}/api/health`)).status).toBe(200))

  const failed = (await everyKind(url)).filter(([, status]) => status !== 200 && status !== 201)
  expect(failed).toEqual([])
  expect(output()).not.toContain('EMFILE')
  child.kill('SIGTERM')
  await new Promise((resolve) => child.once('close', resolve))
})
