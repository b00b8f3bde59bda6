// Measures the files of each package that npm publishes.
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { currentVersion, pack, root, stage } from '../release/stage.ts'
import { PACKED_BYTES } from './limits.ts'
import type { Limited } from './measure.ts'

export interface PackedSize {
  readonly name: string
  readonly files: number
  readonly packed: number
  readonly unpacked: number
  /** Source maps that contain the text of files that the package also ships. */
  readonly repeats: readonly string[]
}

/** Copies the packages as a release does, and measures their size without the changelog. */
export async function packedSizes(): Promise<PackedSize[]> {
  const folders = await stage(path.join(root, '.artifacts/size'), await currentVersion())
  // The changelog grows with every release, by the same size in every package.
  for (const folder of folders) await rm(path.join(folder, 'CHANGELOG.md'))
  return Promise.all(folders.map(packedSize))
}

async function packedSize(folder: string): Promise<PackedSize> {
  const { name, size, unpackedSize, files } = await pack(folder, ['--dry-run'])
  const shipped = new Set(files.map((file) => file.path))
  return {
    name,
    files: files.length,
    packed: size,
    unpacked: unpackedSize,
    repeats: await repeatsIn(folder, shipped),
  }
}

async function repeatsIn(root: string, shipped: ReadonlySet<string>): Promise<string[]> {
  const repeats: string[] = []
  for (const map of shipped) {
    if (!map.endsWith('.map')) continue
    const { sources, sourcesContent } = JSON.parse(await readFile(path.join(root, map), 'utf8'))
    if (!sourcesContent?.some((text: unknown) => typeof text === 'string')) continue
    const isShipped = (source: string) => shipped.has(path.join(path.dirname(map), source))
    if (sources.some(isShipped)) repeats.push(map)
  }
  return repeats
}

export const limitsOfPacked = (sizes: readonly PackedSize[]): Limited[] =>
  sizes.map(({ name, packed }) => ({ name, bytes: packed, limit: PACKED_BYTES[name] ?? 0 }))

/** Returns a sentence for each source map that repeats files of its package. */
export const repeatsOf = (sizes: readonly PackedSize[]): string[] =>
  sizes.flatMap(({ name, repeats }) =>
    repeats.map((map) => `${name}: ${map} contains the text of files that the package also ships`),
  )
