/** Writes an app into a new folder. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { UsageError } from './options.ts'
import type { Plan } from './plan.ts'

const TEMPLATES = path.join(import.meta.dirname, '../templates')

/** npm leaves out `.gitignore` when it packs a package, so the template has another name. */
const RENAMED: Readonly<Record<string, string>> = { _gitignore: '.gitignore' }

/**
 * Creates a folder and writes the files of the plan into it.
 * @throws {UsageError} if something is in the folder already; then nothing is written
 */
export async function writeApp(
  folder: string,
  { words, templates, manifest }: Plan,
): Promise<void> {
  await requireEmpty(folder)
  await mkdir(folder, { recursive: true })
  const write = async (file: string, text: string): Promise<void> => {
    const target = path.join(folder, file)
    await mkdir(path.dirname(target), { recursive: true })
    // Two templates with the same file would overwrite each other.
    await writeFile(target, text, { flag: 'wx' })
  }
  await write('package.json', `${JSON.stringify(manifest, null, 2)}\n`)
  for (const template of templates) {
    const from = path.join(TEMPLATES, template)
    for (const file of await filesIn(from)) {
      const text = await readFile(path.join(from, file), 'utf8')
      await write(RENAMED[file] ?? file, filled(text, words))
    }
  }
}

/**
 * Fills in the placeholders. Other words in double braces stay, because Vue writes expressions in
 * this way.
 */
const filled = (text: string, words: Plan['words']): string =>
  Object.entries(words).reduce(
    (filling, [word, value]) => filling.replaceAll(`{{${word}}}`, value),
    text,
  )

/** Refuses a folder that is not empty. A folder with only a new Git repository counts as empty. */
async function requireEmpty(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    if (error.code === 'ENOTDIR') throw new UsageError(`"${folder}" is a file: use another name`)
    throw error
  })
  const others = found.filter((one) => one !== '.git')
  if (others.length === 0) return
  throw new UsageError(`the folder "${folder}" is not empty: use another name, or empty it`)
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort()
}
