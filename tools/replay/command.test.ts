// Tests the command line: it reports wrong input in one line, and does not crash.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../../test/e2e/server.ts'
import { isDeep } from '../../test/harness/deep.ts'
import { freePort } from '../../test/harness/postgres.ts'
import { runCommand } from './command.ts'

const root = path.resolve(import.meta.dirname, '../..')
const shipped = path.join(root, 'test/data/histories/one-writer.json')

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command in this process, because starting a process takes a second. */
async function replay(...args: string[]): Promise<Outcome> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const said = Promise.all([text(stdout), text(stderr)])
  const code = await runCommand(args, { stdout, stderr })
  stdout.end()
  stderr.end()
  const [out, err] = await said
  return { code, stdout: out, stderr: err }
}

function replayProcess(...args: string[]): Promise<Outcome> {
  const command = ['--import', 'tsx', '-C', 'y-electric-source', 'tools/replay/main.ts', ...args]
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: root }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ code, stdout, stderr })
    })
  })
}

let folder = ''
let server: TestServer

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-replay-'))
  await writeFile(path.join(folder, 'letter.json'), '"Dear Ada"')
  server = await startServer({ backend: 'postgres' })
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const start = { 'in this process': replay, 'in a separate process': replayProcess }

test('the command reports an error in its arguments in one line, with exit code 2', async () => {
  const unused = `http://127.0.0.1:${await freePort()}`
  const wrong: [args: string[], says: RegExp, where?: keyof typeof start][] = [
    [[], /--trace/, 'in a separate process'],
    [['--trace', shipped, '--fast'], /--fast/],
    [['--trace'], /--trace/],
    [['--trace', path.join(folder, 'none.json')], /no such file/],
    [['--trace', path.join(folder, 'letter.json')], /not an editing history/],
    [['--trace', shipped, '--docs', 'two'], /--docs/],
    [['--trace', shipped, '--url', 'localhost'], /--url/],
    [['--trace', shipped, '--url', unused], /no server answers/],
  ]
  const outcomes = await Promise.all(
    wrong.map(([args, , where = 'in this process']) => start[where](...args)),
  )
  for (const [index, { code, stdout, stderr }] of outcomes.entries()) {
    const [args, says] = wrong[index] ?? [[], /./]
    expect(stderr.trim().split('\n'), args.join(' ')).toHaveLength(1)
    expect(stderr).toMatch(says)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  }
})

const mounts = [
  ['/api/', 'in this process'],
  ['', 'in this process'],
  ['/api', 'in a separate process'],
] as const

test.each(isDeep ? mounts : mounts.slice(0, 1))(
  'a running server is found by its URL with "%s", %s',
  async (mount, where) => {
    const url = `http://127.0.0.1:${server.port}${mount}`
    const outcome = await start[where]('--trace', shipped, '--url', url, '--docs', '2')
    const { code, stdout, stderr } = outcome
    expect(stderr).toBe('')
    expect(stdout).toMatch(/writer +agrees[\s\S]*live reader +agrees[\s\S]*cold reader +agrees/)
    expect(code).toBe(0)
  },
)

test('--help describes the command and the URL that it takes', async () => {
  const { code, stdout } = await replay('--help')
  expect(stdout).toMatch(/--url URL[\s\S]*\/api/)
  expect(code).toBe(0)
})
