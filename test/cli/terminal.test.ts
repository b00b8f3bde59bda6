// The command line on a native Postgres: in a terminal if tmux is installed, else with pipes.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createDatabase, type TestDatabaseUrl } from '../harness/postgres.ts'
import { hasTerminal, openTerminal, runPiped } from './terminal.ts'

let database: TestDatabaseUrl
let folder = ''
let settings: Record<string, string> = {}

beforeAll(async () => {
  console.log(
    hasTerminal
      ? 'the commands run in a terminal of tmux'
      : 'tmux is not installed: the commands run as plain processes',
  )
  database = await createDatabase(inject('databaseUrl'))
  settings = { DATABASE_URL: database.url }
  folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-cli-'))
  await writeFile(path.join(folder, 'notes.md'), '# Notes\n\n- 日本語\n- words\n')
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

/** The screen and the exit code. */
async function read(...argv: string[]): Promise<{ code: number; screen: string }> {
  if (!hasTerminal) {
    const { code, stdout, stderr } = await runPiped(argv, settings)
    return { code, screen: (stdout + stderr).trimEnd() }
  }
  const terminal = await openTerminal(argv, settings)
  try {
    return await terminal.ended()
  } finally {
    await terminal.close()
  }
}

test('help fits the screen, and says how to get more help', async () => {
  const { code, screen } = await read('--help')
  expect(code).toBe(0)
  expect(screen).toMatch(
    /^Usage: y-electric \[options\] \[command\]\n\nCollaborative Yjs documents/,
  )
  expect(screen).toMatch(/^ {2}restore {5}bring a document back to an older version$/m)
  expect(screen).toMatch(/COMMAND --help describes a command/)
})

test('an error is one line that says what to do', async () => {
  expect(await read('inspct', 'notes')).toEqual({
    code: 2,
    screen: expect.stringMatching(
      /^y-electric: unknown command 'inspct' \(Did you mean inspect\?\) \(see --help\)/,
    ),
  })
  expect(await read('inspect', 'nobody')).toEqual({
    code: 1,
    screen: expect.stringMatching(/^y-electric: .*document$/),
  })
})

test('a document is imported from a file, printed and exported', async () => {
  const file = path.join(folder, 'notes.md')
  expect(await read('seed', 'notes', file)).toMatchObject({ code: 0 })
  const { screen } = await read('list')
  expect(screen.split('\n')).toEqual([
    'DOCUMENT  ROWS  SNAPSHOTS   SIZE  CHANGED',
    expect.stringMatching(/^notes {8}1 {10}0 {2}\d+ B {2}just now$/),
    '',
    '1 document',
  ])
  const copy = path.join(folder, 'copy.md')
  expect((await read('export', 'notes', '--out', copy)).code).toBe(0)
  expect(await readFile(copy, 'utf8')).toMatch(/^# Notes[\s\S]*日本語/)
  const missing = await read('seed', 'notes', path.join(folder, 'missing.md'))
  expect(missing).toMatchObject({ code: 2 })
  expect(missing.screen.replaceAll('\n', '')).toContain('missing.md" cannot be read: ENOENT')
})

test('a program reads one JSON value, whatever the result', async () => {
  const listed = await runPiped(['list', '--json'], settings)
  expect([listed.code, listed.stderr, JSON.parse(listed.stdout)]).toMatchObject([
    0,
    '',
    { next: null },
  ])
  const failed = await runPiped(['inspect', 'nobody', '--json'], settings)
  expect([failed.code, failed.stderr, JSON.parse(failed.stdout)]).toMatchObject([
    1,
    '',
    { error: { code: 'not_found' } },
  ])
})

test('delete asks for the id, and continues only with it', async () => {
  if (!hasTerminal) {
    expect(await runPiped(['delete', 'notes'], settings)).toMatchObject({ code: 2 })
    return
  }
  const question = /^This deletes notes permanently\. Type its id to continue:/m
  for (const [answer, code, said] of [
    ['yes', 1, 'Nothing was deleted.'],
    ['notes', 0, 'notes: deleted, 1 row removed'],
  ] as const) {
    const terminal = await openTerminal(['delete', 'notes'], settings)
    try {
      await terminal.shows(question)
      await terminal.type(answer)
      const ended = await terminal.ended()
      expect(ended.code).toBe(code)
      expect(ended.screen).toContain(said)
    } finally {
      await terminal.close()
    }
  }
})
