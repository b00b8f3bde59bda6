// Runs the commands that README.md gives to operators, in its order, on one native Postgres. `npx` itself
// is left out, because it would look for the package each time; bin.test.ts covers it.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { inspectDocument, readContent } from '@y-electric/documents'
import { listDocuments, migrate, verifyDeleted } from '@y-electric/server'
import pg from 'pg'
import { expect, inject } from 'vitest'
import * as Y from 'yjs'
import { createDatabase, type TestDatabaseUrl } from '../harness/postgres.ts'
import { serverScript } from '../harness/serverProcess.ts'

interface Place {
  readonly database: TestDatabaseUrl
  readonly pool: pg.Pool
  readonly folder: string
}

let place: Promise<Place> | undefined

/** Makes a database with a document, and an empty working folder. */
async function openPlace(): Promise<Place> {
  const database = await createDatabase(inject('databaseUrl'))
  const pool = new pg.Pool({ connectionString: database.url })
  await migrate(pool)
  const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-operators-'))
  await append(pool, 'The first draft.')
  return { database, pool, folder }
}

export async function closeOperators(): Promise<void> {
  if (place === undefined) return
  const { database, pool, folder } = await place
  await pool.end()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
}

/** The beginning of every such command in the README. */
const npx = 'npx @y-electric/documents'

/** Appends a paragraph to the document. */
async function append(pool: pg.Pool, text: string): Promise<void> {
  const update = Y.encodeStateAsUpdate(readContent('text', text))
  await pool.query('SELECT ydoc_append($1, $2, $3)', ['notes', randomUUID(), Buffer.from(update)])
}

async function run(command: string): Promise<string> {
  place ??= openPlace()
  const { database, folder } = await place
  const args = command.replace(`${npx} `, '').split(' ')
  const { DATA_DIR, ELECTRIC_URL, ...inherited } = process.env
  const env = { ...inherited, DATABASE_URL: database.url }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [serverScript, ...args], { cwd: folder, env }, (error, out, err) => {
      if (error === null) resolve(out)
      else reject(new Error(`${command}\n${out}${err}`))
    })
  })
}

async function textOf(pool: pg.Pool, docId: string): Promise<string> {
  const { body } = await inspectDocument(pool, docId, { format: 'text' })
  return String(body).trim()
}

// Each command is a process, which takes most of the time: its effect is read in this one.
const says =
  (...expected: readonly RegExp[]) =>
  async (command: string): Promise<void> => {
    const output = await run(command)
    for (const one of expected) expect(output).toMatch(one)
  }

export const operatorChecks: Readonly<Record<string, (command: string) => Promise<void>>> = {
  [`${npx} list`]: says(/notes/),
  [`${npx} inspect notes --format markdown`]: says(/^The first draft\.$/m),
  [`${npx} keep notes --label draft`]: async (command) => {
    await says(/draft/)(command)
    await append((await openedPlace()).pool, 'And a second thought.')
  },
  [`${npx} snapshots notes`]: says(/\b1\b.*draft/),
  [`${npx} diff notes 1`]: says(/And a second thought\./),
  [`${npx} restore notes 1`]: async (command) => {
    const { pool } = await openedPlace()
    await run(command)
    expect(await textOf(pool, 'notes')).toBe('The first draft.')
    const { rows } = await pool.query("SELECT label FROM ydoc_snapshot WHERE doc_id = 'notes'")
    expect(JSON.stringify(rows)).toMatch(/before/i)
  },
  [`${npx} verify notes`]: says(/notes/),
  [`${npx} copy notes notes-copy`]: async (command) => {
    await run(command)
    expect(await textOf((await openedPlace()).pool, 'notes-copy')).toBe('The first draft.')
  },
  [`${npx} export notes --out notes.html`]: async (command) => {
    await run(command)
    const file = path.join((await openedPlace()).folder, 'notes.html')
    expect(await readFile(file, 'utf8')).toContain('<p>The first draft.</p>')
  },
  [`${npx} delete notes-copy --yes`]: async (command) => {
    const { pool } = await openedPlace()
    await run(command)
    expect(await verifyDeleted(pool, 'notes-copy')).toMatchObject({ gone: true })
    const { documents } = await listDocuments(pool)
    expect(documents.map(({ docId }) => docId)).toEqual(['notes'])
  },
}

function openedPlace(): Promise<Place> {
  if (place === undefined) throw new Error('no command has run yet')
  return place
}
