import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncFile, syncTree } from './durableFs.ts'

/** An unfinished database lies in a folder whose name begins so, beside the place of the finished one. */
const UNFINISHED = 'pglite.new-'

/**
 * V8's baseline compiler alone is done with PGlite's WebAssembly in a fraction of the time. To optimise it pays only
 * in a process that runs for longer.
 */
const NODE_ARGUMENTS = ['--liftoff-only', '--input-type=module', '-e']

/**
 * The program of the other process, as text: a bundle of an app may leave no file of ours that it could run. It ends
 * when its standard input does, so that it does not outlive the process that waits for it.
 */
const PROGRAM = `
process.stdin.resume().once('end', () => process.exit(1))
const [, url, folder] = process.argv
const { PGlite } = await import(url)
const database = await PGlite.create(folder)
await database.close()
process.exit(0)`

/**
 * Creates the database of `folder` in a process of its own. PGlite needs two more instances of WebAssembly for that,
 * and the new files in memory. In this process all that would stay in use for hours: it lies outside V8's heap, and V8
 * sees no reason to collect it. The finished database appears at `folder` in one step.
 * @returns false if there is none, because no process can be started here, or it failed. This process creates the
 * database then, and reports why it cannot.
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

/** False in programs that contain a Node of their own: they would start themselves. */
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

/** Removes what a process left that was killed while it created a database. */
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
