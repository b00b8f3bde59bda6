// Copies the data folder of a new PGlite. A run needs dozens of such folders. Creating one takes seconds of
// processor time, and copying one takes a fraction of that.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { type Database, openPglite } from '@y-electric/embedded'
import { buildOnce } from './buildOnce.ts'

let made: Promise<string> | undefined

/**
 * Fills `dataDir` with a new database, as the first start of PGlite would, unless it already contains one.
 */
export async function fillPgliteFolder(dataDir: string): Promise<void> {
  const data = path.join(dataDir, 'pglite')
  if (existsSync(data)) return
  const template = await pgliteTemplate()
  await mkdir(dataDir, { recursive: true })
  await copy(path.join(template, 'pglite'), data)
}

/** A folder that PGlite created and closed; copy it, and do not change it. */
export function pgliteTemplate(): Promise<string> {
  made ??= makeTemplate()
  return made
}

/** Copies hundreds of small files, for which `cp` takes a quarter of the time that Node does. */
async function copy(from: string, to: string): Promise<void> {
  if (os.platform() === 'win32') await cp(from, to, { recursive: true })
  else await promisify(execFile)('cp', ['-R', from, to])
}

async function makeTemplate(): Promise<string> {
  const name = `y-electric-pglite-${await versionOfPglite()}-lean`
  const folder = path.join(os.tmpdir(), name)
  return buildOnce(folder, async (unfinished) => {
    const dataDir = path.join(unfinished, 'made')
    const database = await openPglite({ dataDir })
    for (const unused of ['template0', 'template1']) await drop(database, unused)
    await database.close()
    await copy(path.join(dataDir, 'pglite'), path.join(unfinished, 'pglite'))
    await rm(dataDir, { recursive: true })
  })
}

/**
 * Drops a template database. These databases are two thirds of the files that each test would copy, and
 * PGlite never opens them.
 */
async function drop({ pool }: Database, name: string): Promise<void> {
  await pool.query('UPDATE pg_database SET datistemplate = false WHERE datname = $1', [name])
  await pool.query(`DROP DATABASE ${name}`)
}

async function versionOfPglite(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const { version } = JSON.parse(
    await readFile(path.join(entry, '../../package.json'), 'utf8'),
  ) as { version: string }
  return version
}
