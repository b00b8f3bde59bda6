// Copies the files of each package that npm publishes into a separate folder.
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { type Owner, publishedManifest } from './manifest.ts'

export const root = path.resolve(import.meta.dirname, '../..')

/** The folders of the packages, in the order of publishing: each package comes after those that it needs. */
export const PACKAGES = [
  'y-electric',
  'embedded',
  'server',
  'documents',
  'create-y-electric',
] as const

export interface PackedFile {
  readonly path: string
}

/** The answer of `npm pack` about a package. */
export interface Packed {
  readonly name: string
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly PackedFile[]
}

export async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T
}

export const readOwner = (): Promise<Owner> => readJson<Owner>(path.join(root, 'package.json'))

interface Manifest extends Record<string, unknown> {
  readonly name: string
  readonly version: string
}

const readManifest = (folder: string) =>
  readJson<Manifest>(path.join(root, 'packages', folder, 'package.json'))

/** The version that all packages have in the repository. */
export const currentVersion = async (): Promise<string> =>
  (await readManifest('y-electric')).version

/** The files that every package has in common. The owner adds the license. */
const COMMON = ['CHANGELOG.md', 'LICENSE']

/** The built editor, which the command of `@y-electric/documents` serves: it looks for it beside its bundle. */
const EDITOR = { from: 'apps/editor/dist', to: 'documents/dist/bundle/command/editor' }

/** Copies the published files of every built package below `target`.
 * @returns the folders, in the order of `PACKAGES`
 */
export async function stage(target: string, version: string): Promise<string[]> {
  const owner = await readOwner()
  const manifests = await Promise.all(PACKAGES.map(readManifest))
  const names = manifests.map(({ name }) => name)
  await rm(target, { recursive: true, force: true })
  await cp(path.join(root, EDITOR.from), path.join(target, EDITOR.to), { recursive: true })
  return Promise.all(
    PACKAGES.map(async (folder, index) => {
      const from = path.join(root, 'packages', folder)
      const to = path.join(target, folder)
      const { files } = await pack(from, ['--dry-run'])
      for (const { path: file } of files) await copy(path.join(from, file), path.join(to, file))
      for (const file of COMMON) await copy(path.join(root, file), path.join(to, file), true)
      const manifest = publishedManifest(manifests[index] ?? {}, {
        owner,
        version,
        folder: `packages/${folder}`,
        names,
      })
      await writeFile(path.join(to, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
      return to
    }),
  )
}

async function copy(from: string, to: string, mayBeMissing = false): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true })
  await cp(from, to).catch((error: NodeJS.ErrnoException) => {
    if (!mayBeMissing || error.code !== 'ENOENT') throw error
  })
}

/** Runs `npm pack` in a folder. Scripts do not run: the packages are built already. */
export async function pack(folder: string, args: readonly string[]): Promise<Packed> {
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--json', '--ignore-scripts', ...args],
    { cwd: folder, maxBuffer: 64 * 1024 * 1024 },
  )
  const answer: Packed[] | Record<string, Packed> = JSON.parse(stdout)
  const [packed] = Object.values(answer)
  if (packed === undefined) throw new Error(`npm pack returned no package for ${folder}`)
  return packed
}
