// A small disk: a tmpfs, which only root may mount.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface SmallDisk {
  readonly folder: string
  freeBytes(): Promise<number>
  /** Replaces the filling file by one that leaves this many bytes free. */
  fill(leftBytes: number): Promise<void>
  /** Removes the filling file. */
  empty(): Promise<void>
  remove(): Promise<void>
}

/** Mounts a small disk, or returns the reason why that is not possible. */
export async function mountSmallDisk(bytes: number): Promise<SmallDisk | { reason: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-small-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder])
  } catch (error) {
    await rm(folder, { recursive: true })
    return { reason: `no tmpfs can be mounted here: ${(error as Error).message.trim()}` }
  }
  const filler = path.join(folder, 'filler')
  const freeBytes = async () => {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  }
  return {
    folder,
    freeBytes,
    fill: async (leftBytes) => {
      await rm(filler, { force: true })
      await writeFile(filler, Buffer.alloc(Math.max(0, (await freeBytes()) - leftBytes)))
    },
    empty: () => rm(filler, { force: true }),
    async remove() {
      await run('umount', [folder])
      await rm(folder, { recursive: true })
    },
  }
}
