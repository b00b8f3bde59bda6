import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { ForeignUpdate } from '../documents/index.ts'
import { UnusableStore } from './errors.ts'
import type { ForeignStore } from './store.ts'

/** The format of a file by its ending; the rest of its path is the name of its document. */
const ENDINGS: Readonly<Record<string, ForeignUpdate['format']>> = {
  '.yjs': 'update',
  '.bin': 'update',
  '.yjs2': 'update-v2',
}

/**
 * A folder with a file for each document: `notes/today.yjs` is the document `notes/today`. Files with other endings are
 * left out.
 * @throws {UnusableStore} if the folder cannot be read, or if two files are for the same document
 */
export async function openFiles(folder: string): Promise<ForeignStore> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (cause: Error) => {
      throw new UnusableStore(`"${folder}" cannot be read: ${cause.message}`, { cause })
    },
  )
  const files = new Map<string, { file: string; format: ForeignUpdate['format'] }>()
  for (const entry of entries) {
    const ending = path.extname(entry.name)
    const format = ENDINGS[ending]
    if (!entry.isFile() || format === undefined) continue
    const file = path.join(entry.parentPath, entry.name)
    const name = path.relative(folder, file).slice(0, -ending.length).split(path.sep).join('/')
    const other = files.get(name)
    if (other !== undefined) {
      throw new UnusableStore(`"${file}" and "${other.file}" are both the document "${name}"`)
    }
    files.set(name, { file, format })
  }
  return {
    names: async () => [...files.keys()].sort(),
    async updates(name) {
      const found = files.get(name)
      if (found === undefined) return []
      return [{ format: found.format, data: new Uint8Array(await readFile(found.file)) }]
    },
    close: async () => {},
  }
}
