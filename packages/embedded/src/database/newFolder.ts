import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncFile, syncTree } from './durableFs.ts'

/** The prefix of the folder in which an unfinished database is created, next to the place of the finished one. */
const UNFINISHED = 'pglite.new-'

/**
 * V8's baseline compiler compiles PGlite's WebAssembly in a fraction of the time. Optimising it pays only in a process
 * that runs longer.
 */
const NODE_ARGUMENTS = ['--liftoff-only', '--input-type=module', '-e']

/**
 * The program of the child process, as text, because a bundled app may contain no file of this package that could be
 * run. The program ends when its standard input ends, so that it does not outlive its parent.
 */
const PROGRAM = `
process.stdin.resume().once('end', () => process.exit(1))
const [, url, folder] = process.argv
const { PGlite } = await import(url)
const database = await PGlite.create(folder)
await database.close()
process.exit(0)`

/**
 * Creates the database of `folder` in a child process. For this, PGlite needs two more instances of WebAssembly, and
 * holds the new files in memory. In this process, that memory would stay in use for hours: it lies outside V8's heap,
 * and V8 sees no reason to collect it. The finished database appears at `folder` in one step.
 * @returns false if no process can be started here, or if it failed. The caller must then create the database in this
 * process, which reports the error.
 */
export async function createElsewhere(folder: string, durable: boolean): Promise<boolean> {
  const parent = dirname(folder)
  await removeUnfinished(parent)
  if (!runsInNode()) return false
  try {
    const unfinished = await mkdtemp(join(parent, UNFINISHED))
    try {
      const made = join(unfinished, basename(folder))
      if (!(await runProgram(made))) return false
      if (durable) await syncTree(made)
      await rename(made, folder)
      if (durable) await syncFile(parent)
      return true
    } finally {
      await rm(unfinished, { recursive: true, force: true })
    }
  } catch {
    return false
  }
}

/** False in an executable that bundles Node, because it would start itself. */
const runsInNode = (): boolean => /^node(js)?(\.exe)?$/i.test(basename(process.execPath))

async function runProgram(folder: string): Promise<boolean> {
  const url = import.meta.resolve('@electric-sql/pglite')
  const child = spawn(process.execPath, [...NODE_ARGUMENTS, PROGRAM, url, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    windowsHide: true,
  })
  const [code] = await once(child, 'exit')
  return code === 0
}

/** Removes the files of processes that were killed while they created a database. */
async function removeUnfinished(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => [])
  const left = names.filter((name) => name.startsWith(UNFINISHED))
  await Promise.all(
    left.map((name) =>
      rm(join(parent, name), { recursive: true, force: true }).catch(() => {
        // Its process may still write for a moment: the next start removes it.
      }),
    ),
  )
}
