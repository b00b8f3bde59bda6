// Measures the code that the editor needs for its first paint: everything that its page loads before it draws.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { root } from '../release/stage.ts'
import { EDITOR_FIRST_PAINT_BYTES } from './limits.ts'
import type { Limited } from './measure.ts'

interface Chunk {
  readonly file: string
  readonly isEntry?: boolean
  readonly imports?: readonly string[]
  readonly css?: readonly string[]
}

const dist = path.join(root, 'apps/editor/dist')

/** The scripts and styles of the built editor's first paint, gzip -9. */
export async function editorFirstPaint(): Promise<Limited> {
  const manifest = JSON.parse(await readFile(path.join(dist, 'files.json'), 'utf8')) as Manifest
  const files = filesOfEntries(manifest)
  const sizes = await Promise.all([...files].map(gzipSize))
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  return { name: 'first paint of the editor', bytes, limit: EDITOR_FIRST_PAINT_BYTES }
}

type Manifest = Readonly<Record<string, Chunk>>

function filesOfEntries(manifest: Manifest): ReadonlySet<string> {
  const seen = new Set<string>()
  const files = new Set<string>()
  const visit = (name: string): void => {
    const chunk = manifest[name]
    if (chunk === undefined || seen.has(name)) return
    seen.add(name)
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file)
    for (const other of chunk.imports ?? []) visit(other)
  }
  for (const [name, { isEntry }] of Object.entries(manifest)) if (isEntry === true) visit(name)
  return files
}

const gzipSize = async (file: string): Promise<number> =>
  gzipSync(await readFile(path.join(dist, file)), { level: 9 }).byteLength
