// Large things that every run needs, unpacked once into the shared temporary folder.
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, mkdir, rename, rm } from 'node:fs/promises'

/**
 * Returns a folder that `build` has filled. Processes that start at the same time each build their
 * own, and the first one to finish renames it to the name that all others look for. So no process
 * ever sees a partial folder.
 */
export async function buildOnce(
  folder: string,
  build: (unfinished: string) => Promise<void>,
): Promise<string> {
  if (await isOurs(folder)) return folder

  const unfinished = `${folder}.${randomUUID()}`
  try {
    await mkdir(unfinished, { recursive: true, mode: 0o700 })
    await build(unfinished)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    throw error
  }
  // Another user owns the folder of this name, so this run uses the copy that it made.
  if (existsSync(folder) && !(await isOurs(folder))) return unfinished
  try {
    await rename(unfinished, folder)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    if (!(await isOurs(folder))) throw error
  }
  return folder
}

/** Other users share the temporary folder: this process must not run files that one of them put there. */
async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined)
  return found?.isDirectory() === true && found.uid === process.getuid?.()
}
