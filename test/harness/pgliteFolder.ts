// Data folders of a PGlite that was just made. To make one takes seconds of a processor, to copy one a
// fraction of that, and a run wants dozens.
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { openPglite } from '@y-electric/embedded'
import { buildOnce } from './buildOnce.ts'

let template: Promise<string> | undefined

/** Fills `dataDir`, as if a PGlite had been opened there for the first time, unless one was. */
export async function fillPgliteFolder(dataDir: string): Promise<void> {
  const data = path.join(dataDir, 'pglite')
  if (existsSync(data)) return
  template ??= makeTemplate()
  await mkdir(dataDir, { recursive: true })
  await cp(path.join(await template, 'pglite'), data, { recursive: true })
}

async function makeTemplate(): Promise<string> {
  const folder = path.join(os.tmpdir(), `y-electric-pglite-${await versionOfPglite()}`)
  return buildOnce(folder, async (unfinished) => {
    const dataDir = path.join(unfinished, 'made')
    const database = await openPglite({ dataDir })
    await database.close()
    await cp(path.join(dataDir, 'pglite'), path.join(unfinished, 'pglite'), { recursive: true })
    await rm(dataDir, { recursive: true })
  })
}

async function versionOfPglite(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const { version } = JSON.parse(
    await readFile(path.join(entry, '../../package.json'), 'utf8'),
  ) as { version: string }
  return version
}
