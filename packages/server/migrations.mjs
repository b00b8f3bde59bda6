// Writes the migrations into a module. Code that reads them from a folder beside itself would not find them where an app's
// server is bundled: Next.js, Nuxt, Cloudflare Workers.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

const folder = path.join(import.meta.dirname, 'migrations')
const names = (await readdir(folder)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort()
const entries = await Promise.all(
  names.map(
    async (name) =>
      `  [${quoted(name)}, ${quoted(await readFile(path.join(folder, name), 'utf8'))}],\n`,
  ),
)
await writeFile(
  path.join(import.meta.dirname, 'src/store/migration-files.ts'),
  `// Written by migrations.mjs from the folder of migrations, in each build.
/** The SQL of each migration, by its file name. */
export const MIGRATION_FILES: readonly (readonly [name: string, sql: string])[] = [\n${entries.join('')}]\n`,
)

/** A literal in single quotes, on one line. */
function quoted(text) {
  const json = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${json}'`
}
