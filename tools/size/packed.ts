// The files of each package that npm publishes.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { PACKED_BYTES } from './limits.ts'
import type { Limited } from './measure.ts'

const PACKAGES = path.resolve(import.meta.dirname, '../../packages')

export interface PackedSize {
  readonly name: string
  readonly files: number
  readonly packed: number
  readonly unpacked: number
  /** Source maps that contain the text of files that the package ships too. */
  readonly repeats: readonly string[]
}

interface Packed {
  readonly name: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

export const packedSizes = (): Promise<PackedSize[]> =>
  Promise.all(['y-electric', 'server', 'embedded', 'documents'].map(packedSize))

async function packedSize(folder: string): Promise<PackedSize> {
  const root = path.join(PACKAGES, folder)
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--dry-run', '--json', '--ignore-scripts'],
    { cwd: root, maxBuffer: 64 * 1024 * 1024 },
  )
  const answer: Packed[] | Record<string, Packed> = JSON.parse(stdout)
  const [packed] = Object.values(answer)
  if (packed === undefined) throw new Error(`npm packs no file of ${folder}`)
  const { name, size, unpackedSize, files } = packed
  const shipped = new Set(files.map((file) => file.path))
  return {
    name,
    files: files.length,
    packed: size,
    unpacked: unpackedSize,
    repeats: await repeatsIn(root, shipped),
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

/** A sentence for each source map that repeats what its package ships. */
export const repeatsOf = (sizes: readonly PackedSize[]): string[] =>
  sizes.flatMap(({ name, repeats }) =>
    repeats.map((map) => `${name}: ${map} holds the text of files that are shipped as well`),
  )
