// The packages as tarballs, as npm publishes them, and commands of a guide with their names replaced by them.
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
 * The packages that `npm install` has to find in tarballs: those that an app names, and the others that these need,
 * which no registry has yet.
 */
export const withTarballs = (command: string, tarballs: Tarballs): string => {
  const words = command.split(' ')
  if (!words.some((word) => tarballs.has(word))) return command
  const others = words.filter((word) => !tarballs.has(word))
  return [...others, ...tarballs.values()].join(' ')
}
