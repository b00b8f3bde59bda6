// Packs the packages into tarballs, as npm publishes them, and replaces package names in commands of a guide
// by the paths of these tarballs.
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { currentVersion, pack, stage } from '../../tools/release/stage.ts'

/** The tarball of each of our packages, by name. */
export type Tarballs = ReadonlyMap<string, string>

/** Packs all packages into a folder. They must be built. */
export async function packAll(folder: string): Promise<Tarballs> {
  const folders = await stage(path.join(folder, 'staged'), await currentVersion())
  const packed = await Promise.all(
    folders.map((staged) => pack(staged, ['--pack-destination', folder])),
  )
  return new Map(packed.map(({ name, filename }) => [name, path.join(folder, filename)]))
}

/**
 * The packages that `npm install` has to find in tarballs, because no registry has them yet: those that an
 * app names, and the packages of ours that these need.
 */
export const withTarballs = (command: string, tarballs: Tarballs): string => {
  const words = command.split(' ')
  if (!words.some((word) => tarballs.has(word))) return command
  const others = words.filter((word) => !tarballs.has(word))
  return [...others, ...tarballs.values()].join(' ')
}

/** No registry has our packages of this commit: the app takes them, and those that they need, from tarballs. */
export async function useTarballs(manifestFile: string, tarballs: Tarballs): Promise<void> {
  const manifest = JSON.parse(await readFile(manifestFile, 'utf8'))
  for (const [name, tarball] of tarballs) {
    if (name !== 'create-y-electric') manifest.dependencies[name] = `file:${tarball}`
  }
  await writeFile(manifestFile, JSON.stringify(manifest))
}
