// Packs the packages into tarballs, as npm publishes them, and replaces package names in commands of a guide
// by the paths of these tarballs.
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
