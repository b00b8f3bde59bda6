// The snippets of docs/servers.md for other runtimes, unchanged, each used by two people. Installs them, 350 MB.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { isDeep } from '../harness/deep.ts'
import { noteMount } from '../harness/mounts.ts'
import type { SnippetFolder } from '../readme/snippets.ts'
import { writeSnippets } from './page.ts'
import { writeTogether } from './people.ts'
import { startProgram } from './program.ts'
import { freePort, openWorld, type World } from './world.ts'

const BUN = '1.4.5'
const DENO = '2.9.6'

describe.runIf(isDeep)('a server on another runtime', () => {
  let runtimes: string
  let world: World
  let folder: SnippetFolder

  beforeAll(async () => {
    runtimes = await mkdtemp(path.join(os.tmpdir(), 'y-electric-runtimes-'))
    await writeFile(
      path.join(runtimes, 'package.json'),
      JSON.stringify({ private: true, allowScripts: { bun: true, deno: true } }),
    )
    const versions = [`bun@${BUN}`, `deno@${DENO}`]
    const args = ['install', '--no-audit', '--no-fund', ...versions]
    await promisify(execFile)('npm', args, { cwd: runtimes })
    world = await openWorld()
    folder = await writeSnippets()
  }, 600_000)
  afterAll(async () => {
    await world.close()
    await folder.remove()
    await rm(runtimes, { recursive: true, force: true })
  })

  test.each([
    ['Bun', BUN, '.bin/bun', ['run', 'bun.ts']],
    ['Deno', DENO, '.bin/deno', ['run', '--allow-all', '--node-modules-dir=manual', 'deno.ts']],
  ])('two people write in one document through %s %s', async (name, version, binary, args) => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/api`
    const env = { ...world.env, PORT: String(port) }
    const command = path.join(runtimes, 'node_modules', binary)
    const program = await startProgram(command, args, { env, url, cwd: folder.path })
    try {
      await writeTogether(url)
      await noteMount(name, version)
    } finally {
      await program.stop()
    }
  })
})
