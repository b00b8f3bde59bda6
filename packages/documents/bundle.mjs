// Puts the command and its workers into a few files, so that it starts in a third of the time: most of a
// start is Node looking for some 600 modules and reading them. The library (dist/index.js) stays as the
// compiler writes it.
import { readFile, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const folder = import.meta.dirname
/** The folder of `@y-electric/server`, whose entry is `dist/index.js`. */
const server = path.resolve(fileURLToPath(import.meta.resolve('@y-electric/server')), '../..')

/**
 * These stay outside: packages with files of their own beside their code, which `package.json` has to
 * name although only `@y-electric/embedded` imports them, and what `pg` uses if it is there.
 */
const outside = [/^@electric-sql\//, /^fs-native-extensions$/, /^pg-native$/]

const bundle = await rolldown({
  input: {
    main: path.join(folder, 'src/main.ts'),
    // A pool looks for its worker beside itself: these two names are in work/run.ts of each package.
    'documents-worker': path.join(folder, 'src/work/documents-worker.ts'),
    worker: path.join(server, 'dist/work/worker.js'),
  },
  platform: 'node',
  external: (id) => isBuiltin(id) || outside.some((pattern) => pattern.test(id)),
})
// The bundle is readable, and the library beside it has maps: it needs none of its own.
const { output } = await bundle.write({
  dir: path.join(folder, 'dist/bundle/command'),
  format: 'esm',
  cleanDir: true,
})
await bundle.close()
await writeFile(path.join(folder, 'dist/bundle/command/licenses.txt'), await licensesOf(output))
await writeFile(
  path.join(folder, 'dist/main.js'),
  "#!/usr/bin/env node\nimport './bundle/command/main.js'\n",
)
// The library's workers start as fast.
await writeFile(
  path.join(folder, 'dist/work/documents-worker.js'),
  "import '../bundle/command/documents-worker.js'\n",
)

/** The licenses of the packages whose code is in the bundle, which have to go with it. */
async function licensesOf(chunks) {
  const modules = chunks.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
  const packages = new Set(
    modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []),
  )
  const texts = [...packages].sort().map(async (root) => {
    const { name, version, license } = JSON.parse(
      await readFile(path.join(root, 'package.json'), 'utf8'),
    )
    const text = await licenseIn(root)
    return `${name} ${version} (${license})\n\n${text}`
  })
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n`)
}

async function licenseIn(root) {
  for (const name of ['LICENSE', 'LICENSE.md', 'license', 'license.md', 'LICENSE.txt', 'LICENCE']) {
    const text = await readFile(path.join(root, name), 'utf8').catch(() => null)
    if (text !== null) return text
  }
  return ''
}
