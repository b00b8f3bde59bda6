// The command as a person types it: wrong input is told in one line, and is not a crash.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../e2e/server.ts'
import { freePort } from '../harness/postgres.ts'

const root = path.resolve(import.meta.dirname, '../..')
const shipped = path.join(root, 'test/data/histories/one-writer.json')

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function replay(...args: string[]): Promise<Outcome> {
  const command = ['--import', 'tsx', '-C', 'y-electric-source', 'test/replay/main.ts', ...args]
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

test('what is wrong with the command is said in one line, with exit code 2', async () => {
  const nobody = `http://127.0.0.1:${await freePort()}`
  const wrong: [args: string[], says: RegExp][] = [
    [[], /--trace/],
    [['--trace', shipped, '--fast'], /--fast/],
    [['--trace'], /--trace/],
    [['--trace', path.join(folder, 'none.json')], /no such file/],
    [['--trace', path.join(folder, 'letter.json')], /not an editing history/],
    [['--trace', shipped, '--docs', 'two'], /--docs/],
    [['--trace', shipped, '--url', 'localhost'], /--url/],
    [['--trace', shipped, '--url', nobody], /nobody answers/],
  ]
  const outcomes = await Promise.all(wrong.map(([args]) => replay(...args)))
  for (const [index, { code, stdout, stderr }] of outcomes.entries()) {
    const [args, says] = wrong[index] ?? [[], /./]
    expect(stderr.trim().split('\n'), args.join(' ')).toHaveLength(1)
    expect(stderr).toMatch(says)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  }
})

test.each(['/api', '/api/', ''])(
  'a running server is found by its URL with "%s"',
  async (mount) => {
    const url = `http://127.0.0.1:${server.port}${mount}`
    const { code, stdout, stderr } = await replay('--trace', shipped, '--url', url, '--docs', '2')
    expect(stderr).toBe('')
    expect(stdout).toMatch(/writer +agrees[\s\S]*live reader +agrees[\s\S]*cold reader +agrees/)
    expect(code).toBe(0)
  },
)

test('--help says what it does and which URL it takes', async () => {
  const { code, stdout } = await replay('--help')
  expect(stdout).toMatch(/--url URL[\s\S]*\/api/)
  expect(code).toBe(0)
})
