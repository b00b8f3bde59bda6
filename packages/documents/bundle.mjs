// Puts the command and its worker into a few files, so that it starts in a third of the time: most of a
// start is Node looking for some 500 modules and reading them. The library (dist/index.js) stays as the
// compiler writes it.
import { readFile, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { rolldown } from 'rolldown'

const folder = import.meta.dirname

/**
 * These stay outside: what has files of its own beside its code, and what packages of that kind share
 * with us.
 */
const outside = [/^@y-electric\/embedded$/, /^@electric-sql\//, /^pg$/]

const bundle = await rolldown({
  input: {
    main: path.join(folder, 'src/main.ts'),
    worker: path.join(folder, 'src/work/worker.ts'),
  },
  platform: 'node',
  external: (id) => isBuiltin(id) || outside.some((pattern) => pattern.test(id)),
})
// As deep below the package as the modules are: they find the migrations by their own place.
const { output } = await bundle.write({
  dir: path.join(folder, 'dist/command'),
  format: 'esm',
  sourcemap: true,
  cleanDir: true,
})
await bundle.close()
await writeFile(path.join(folder, 'dist/command/licenses.txt'), await licensesOf(output))
await writeFile(
  path.join(folder, 'dist/main.js'),
  "#!/usr/bin/env node\nimport './command/main.js'\n",
)
// The library's workers start as fast.
await writeFile(path.join(folder, 'dist/work/worker.js'), "import '../command/worker.js'\n")

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
