// Every command of README.md and docs/operations.md, run as it stands there. The slow ones are only run whole in the deep
// tests; otherwise their arguments are shown to be ones that the command takes.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { migrate } from '@y-electric/server'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { isDeep } from '../harness/deep.ts'
import { fillPgliteFolder } from '../harness/pgliteFolder.ts'
import { createDatabase, freePort } from '../harness/postgres.ts'
import { BASELINE_WEBASSEMBLY, serverScript } from '../harness/serverProcess.ts'
import { closeOperators, operatorChecks } from './operators.ts'
import { commands, prose, root } from './readme.ts'
import { type Outcome, runCommand, startCommand } from './shell.ts'

const slow = 600_000

/** A command that this test does not know fails it. */
const checks: Readonly<Record<string, (command: string) => Promise<void>>> = {
  'npx @y-electric/documents': servesByDefault,
  'npm start': startsAndEnds,
  'npm test': isThisRun,
  'npx @y-electric/documents compact --dry-run': compacts,
  ...operatorChecks,
  'npm run replay -- --trace test/data/histories/editor-session.json.gz': replays,
  'npm run bench -- latency burst': measures,
  'npm run conformance': conforms,
}

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-readme-'))
})

afterAll(async () => {
  await closeOperators()
  await rm(folder, { recursive: true, force: true })
})

test('every command of the guide is known here, and there are no others', () => {
  expect([...new Set(commands)].sort()).toEqual(Object.keys(checks).sort())
})

test.each(Object.entries(checks))('%s', { timeout: slow }, (command, check) => check(command))

/** test/packages/command.test.ts runs it from the published packages, which contain the editor. */
async function servesByDefault(command: string): Promise<void> {
  const direct = command.replace('npx @y-electric/documents', `${process.execPath} ${serverScript}`)
  const help = await succeed(`${direct} --help`, {})
  expect(help).toContain('The default command is serve.')
  expect(help).toMatch(/serve +serve the API below \/api and an editor at \//)
}

async function startsAndEnds(command: string): Promise<void> {
  const port = await freePort()
  const dataDir = path.join(folder, 'start')
  // To create a database takes PGlite five seconds of processor time, so only the deep run begins without one.
  if (!isDeep) await fillPgliteFolder(dataDir)
  const started = startCommand(command, {
    PORT: String(port),
    DATA_DIR: dataDir,
  })
  try {
    const url = `http://127.0.0.1:${port}`
    await eventually(() => {
      if (started.child.exitCode !== null) throw new Error(`it ended: ${started.output()}`)
      return started.output().includes(url)
    }, 120_000)
    const page = await fetch(url)
    expect(page.status).toBe(200)
    expect(await page.text()).toMatch(/<script type="module"[\s\S]*<div id="root">/)
    const health = await fetch(`${url}/api/health`)
    expect(health.status).toBe(200)
    expect(await health.json()).toMatchObject({ status: 'ok' })

    started.child.kill('SIGTERM')
    await started.ended
    expect(started.hasChildren(), 'a process is left').toBe(false)
    await expect(fetch(url)).rejects.toThrow()
  } finally {
    await started.end()
  }
}

/** Running it here would never end. */
async function isThisRun(): Promise<void> {
  const scripts = await readScripts()
  expect(scripts.pretest).toContain('npm run --silent setup')
  expect(scripts.test).toBe('npm run --silent build && node test/run.mjs')
  expect(scripts['test:deep']).toBe(`${scripts.pretest} && ${scripts.test} --deep`)
  expect(prose).toContain('`npm run test:deep`')

  const runner = await readFile(path.join(root, 'test/run.mjs'), 'utf8')
  for (const tool of ["'biome', 'check'", "'depcruise'", "'turbo', 'run', 'types'", "'vitest'"]) {
    expect(runner).toContain(tool)
  }
  const config = await readFile(path.join(root, 'vitest.config.ts'), 'utf8')
  for (const project of ['unit', 'integration', 'browser']) {
    expect(config).toContain(`name: '${project}'`)
  }
  expect(config).toContain('test/harness/globalPostgres.ts')
}

async function compacts(command: string): Promise<void> {
  const database = await createDatabase(inject('databaseUrl'))
  const pool = new pg.Pool({ connectionString: database.url })
  // `npx` looks for the package each time, so only the command as it stands there goes through it.
  const direct = command.replace(
    'npx @y-electric/documents',
    `${process.execPath} ${BASELINE_WEBASSEMBLY} ${serverScript}`,
  )
  const rows = 30
  try {
    await migrate(pool)
    const doc = new Y.Doc()
    const updates: Uint8Array[] = []
    doc.on('update', (update) => updates.push(update))
    for (let row = 0; row < rows; row++) doc.getText('body').insert(row, 'x')
    const append = 'SELECT ydoc_append($1, gen_random_uuid(), $2)'
    for (const update of updates) await pool.query(append, ['letter', Buffer.from(update)])
    const env = { DATABASE_URL: database.url, npm_config_offline: 'true' }

    // bin.test.ts has `npx` find the command, by default too.
    const dry = await succeed(isDeep ? command : direct, env)
    expect(dry).toContain('1 document to compact')
    expect(dry).toContain(`letter: ${rows} rows`)
    expect(await countRows(pool)).toEqual({ updates: rows, snapshots: 0 })

    const wet = direct.replace(' --dry-run', '')
    const none = `${wet} --doc letter --min-rows ${rows + 1}`
    if (isDeep) expect(await succeed(none, env)).toContain('0 documents to compact')
    expect(await succeed(wet, env)).toContain('1 document compacted')
    expect(await countRows(pool)).toEqual({ updates: 0, snapshots: 1 })
  } finally {
    await pool.end()
    await database.drop()
  }
  // Without a database URL, the command opens the data folder of the embedded one.
  const dataDir = path.join(folder, 'compact')
  await fillPgliteFolder(dataDir)
  const embedded = await succeed(direct, { DATA_DIR: dataDir })
  expect(embedded).toContain(`PGlite in ${dataDir}`)
  expect(embedded).toContain('0 documents to compact')
}

async function replays(command: string): Promise<void> {
  // tools/replay/command.test.ts runs it by default.
  if (!isDeep) return expectTool(command)
  expect(await succeed(command)).toMatch(
    /writer +agrees[\s\S]*live reader +agrees[\s\S]*cold reader +agrees/,
  )
}

async function measures(command: string): Promise<void> {
  if (!isDeep) return expectTool(command)
  const output = await succeed(command)
  expect(output).toMatch(/^latency: /m)
  expect(output).toMatch(/^burst: /m)
  // Further arguments that the text documents.
  const [, names = '', option = ''] =
    /`bench` also takes (.+?),?\s+and `(--\w+)`/s.exec(prose) ?? []
  const others = names.match(/\w+/g)?.filter((name) => name !== 'and') ?? []
  expect(others).not.toEqual([])
  const help = await succeed(`${command} ${others.join(' ')} ${option} --help`)
  for (const name of others) expect(help).toContain(name)
  const unknown = await runCommand('npm run bench -- weight --help')
  expect(unknown.code, 'unknown names are refused').not.toBe(0)
}

async function conforms(command: string): Promise<void> {
  if (isDeep) expect(await succeed(command)).toMatch(/^[1-9]\d* passed, 0 failed/m)
  else await expectTool(command)
}

async function succeed(command: string, env?: Record<string, string>): Promise<string> {
  const { code, output }: Outcome = await runCommand(command, env)
  expect(code, `${command}\n${output}`).toBe(0)
  return output
}

/** The commands with which every `npm run` of the README begins. */
const SETUP = 'npm run --silent setup && npm run --silent build && '

/** The script of an `npm run` installs, builds, and runs a tool of this repository. */
async function expectTool(command: string): Promise<void> {
  const [, name = ''] = /^npm run (\w+)/.exec(command) ?? []
  const script = (await readScripts())[name] ?? ''
  expect(script).toMatch(new RegExp(`^${SETUP}tsx `))
  const tool = script.split(' ').at(-1) ?? ''
  expect((await stat(path.join(root, tool))).isFile()).toBe(true)
}

async function readScripts(): Promise<Record<string, string>> {
  const text = await readFile(path.join(root, 'package.json'), 'utf8')
  return (JSON.parse(text) as { scripts: Record<string, string> }).scripts
}

async function countRows(pool: pg.Pool): Promise<{ updates: number; snapshots: number }> {
  const { rows } = await pool.query<{ updates: number; snapshots: number }>(
    `SELECT (SELECT count(*)::int FROM ydoc_update) AS updates,
            (SELECT count(*)::int FROM ydoc_snapshot) AS snapshots`,
  )
  return rows[0] ?? { updates: -1, snapshots: -1 }
}
