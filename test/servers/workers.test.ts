// The snippet of docs/servers.md for Cloudflare Workers, unchanged, in workerd: bundled from the packed packages in an
// empty folder, with a native Postgres behind a Hyperdrive binding. Deep, because it installs workerd, 130 MB:
//   Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/servers/workers
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { connectPostgres } from '@y-electric/embedded'
import { migrate } from '@y-electric/server'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isDeep } from '../harness/deep.ts'
import { noteMount } from '../harness/mounts.ts'
import { packAll } from '../harness/tarballs.ts'
import { runCommand } from '../readme/shell.ts'
import { snippets } from './page.ts'
import { writeTogether } from './people.ts'
import { startProgram } from './program.ts'
import { freePort, openWorld, type World } from './world.ts'

const WORKERD = '1.20261117.1'
describe.runIf(isDeep)('a server on Cloudflare Workers', () => {
  let folder: string
  let world: World

  const run = async (line: string): Promise<void> => {
    const { code, output } = await runCommand(line, {}, folder)
    expect(code, `${line}\n${output}`).toBe(0)
  }

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-workers-'))
    world = await openWorld()
    await migrateBefore(world.env.DATABASE_URL ?? '')
    const tarballs = await packAll(folder)
    await writeFile(
      path.join(folder, 'package.json'),
      JSON.stringify({ private: true, type: 'module', allowScripts: { workerd: true } }),
    )
    const ours = [tarballs.get('y-electric'), tarballs.get('@y-electric/server')].join(' ')
    const others = `hono pg yjs y-protocols workerd@${WORKERD}`
    await run(`npm install --no-audit --no-fund ${ours} ${others}`)
    await writeFile(path.join(folder, 'worker.ts'), snippets.get('workers') ?? '')
    await build({
      absWorkingDir: folder,
      entryPoints: ['worker.ts'],
      outfile: path.join(folder, 'worker.js'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      conditions: ['workerd', 'worker'],
      external: ['cloudflare:*', 'pg-native'],
      // For packages that call `require`, as wrangler does it.
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire('/');",
      },
      logLevel: 'silent',
    })
  }, 1_800_000)
  afterAll(async () => {
    await world.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('two people write in one document through workerd', async () => {
    const port = await freePort()
    await writeFile(path.join(folder, 'config.capnp'), configOf(world.env, port))
    const url = `http://127.0.0.1:${port}/api`
    const workerd = path.join(folder, 'node_modules/.bin/workerd')
    const program = await startProgram(workerd, ['serve', 'config.capnp'], {
      env: {},
      url,
      cwd: folder,
    })
    try {
      await writeTogether(url)
      await noteMount('Cloudflare Workers (workerd)', WORKERD)
    } finally {
      await program.stop()
    }
  })
})

/** A Worker does not migrate: the page says to do it before. */
async function migrateBefore(connectionString: string): Promise<void> {
  const database = await connectPostgres({ connectionString })
  await migrate(database.pool)
  await database.close()
}

/** The configuration that wrangler makes of `wrangler.toml`. */
function configOf({ DATABASE_URL = '', ELECTRIC_URL = '' }: World['env'], port: number): string {
  const { host, pathname, username, password } = new URL(DATABASE_URL)
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-07-01",
      compatibilityFlags = ["nodejs_compat"],
      bindings = [
        (name = "ELECTRIC_URL", text = "${ELECTRIC_URL}"),
        (name = "HYPERDRIVE", hyperdrive = (
          designator = "database", scheme = "postgres", database = "${pathname.slice(1)}",
          user = "${username}", password = "${password}",
        )),
      ],
    )),
    (name = "database", external = (address = "${host}", tcp = ())),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`
}
