// `npx @y-electric/documents` on a fresh clone. npm links commands at installation, before the build.
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from './readme.ts'

const run = promisify(execFile)

interface Manifest {
  readonly name: string
  readonly version: string
  readonly type: string
  readonly files: readonly string[]
  readonly bin: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
}

const readManifest = async (): Promise<Manifest> =>
  JSON.parse(await readFile(path.join(root, 'packages/documents/package.json'), 'utf8'))

test('the command is linked by an install before the build, and runs after it', async () => {
  const { name, version, type, bin } = await readManifest()
  const clone = await mkdtemp(path.join(os.tmpdir(), 'y-electric-bin-'))
  const npm = (...args: string[]) => run('npm', args, { cwd: clone, env: plainEnvironment() })
  try {
    const folder = path.join(clone, 'packages/documents')
    const save = (file: string, content: unknown) => writeFile(file, JSON.stringify(content))
    await mkdir(folder, { recursive: true })
    await save(path.join(clone, 'package.json'), { private: true, workspaces: ['packages/*'] })
    // The dependencies of the package do not affect the link.
    await save(path.join(folder, 'package.json'), { name, version, type, bin })
    for (const file of Object.values(bin)) {
      await cp(path.join(root, 'packages/documents', file), path.join(folder, file))
    }
    await npm('install', '--offline', '--loglevel=error')

    await mkdir(path.join(folder, 'dist'))
    await writeFile(path.join(folder, 'dist/main.js'), 'console.log(process.argv.slice(2).join())')
    const { stdout } = await npm('exec', '--offline', '--', name, 'compact', '--dry-run')
    expect(stdout).toBe('compact,--dry-run\n')
  } finally {
    await rm(clone, { recursive: true, force: true })
  }
})

test('the command is a committed file, is published, and names its interpreter', async () => {
  const { bin, files } = await readManifest()
  const ignored = await readFile(path.join(root, '.gitignore'), 'utf8')
  for (const file of Object.values(bin)) {
    const [, folder = ''] = /^\.\/(\w+)\//.exec(file) ?? []
    expect(files).toContain(folder)
    expect(ignored.split('\n'), 'the file must exist before the build').not.toContain(`${folder}/`)
    const content = await readFile(path.join(root, 'packages/documents', file), 'utf8')
    expect(content).toMatch(/^#!\/usr\/bin\/env node\n/)
  }
})

test('the command of the server package runs that of the documents package, by npx if it is not installed', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-bin-'))
  const server = path.join(folder, 'node_modules/@y-electric/server')
  const documents = path.join(folder, 'node_modules/@y-electric/documents')
  const says = (name: string) =>
    `console.log(${JSON.stringify(name)}, process.argv.slice(2).join())`
  const command = path.join(server, 'bin/y-electric-server.js')
  const env = { ...plainEnvironment(), PATH: `${folder}${path.delimiter}${process.env.PATH}` }
  const runServer = () => run(process.execPath, [command, 'serve', '--no-editor'], { env })
  try {
    await cp(path.join(root, 'packages/server/bin'), path.join(server, 'bin'), { recursive: true })
    await cp(path.join(root, 'packages/server/package.json'), path.join(server, 'package.json'))
    const npx = path.join(folder, 'npx')
    await writeFile(npx, `#!${process.execPath}\n${says('npx')}\nprocess.exitCode = 3\n`)
    await chmod(npx, 0o755)
    const { version } = await readManifest()
    const failed = await runServer().catch((error) => error)
    expect([failed.code, failed.stdout]).toEqual([
      3,
      `npx --yes,@y-electric/documents@${version},serve,--no-editor\n`,
    ])

    await mkdir(path.join(documents, 'bin'), { recursive: true })
    const manifest = { name: '@y-electric/documents', type: 'module', exports: './dist/index.js' }
    await writeFile(path.join(documents, 'package.json'), JSON.stringify(manifest))
    await writeFile(path.join(documents, 'bin/y-electric.js'), says('installed'))
    await mkdir(path.join(documents, 'dist'))
    await writeFile(path.join(documents, 'dist/index.js'), '')
    expect((await runServer()).stdout).toBe('installed serve,--no-editor\n')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('the bundled command imports nothing that its package does not declare', async () => {
  const folder = path.join(root, 'packages/documents/dist/bundle/command')
  const scripts = (await readdir(folder)).filter((file) => file.endsWith('.js'))
  const imported = new Set<string>()
  for (const script of scripts) {
    const code = await readFile(path.join(folder, script), 'utf8')
    for (const [, name = ''] of code.matchAll(/^(?:import|export) (?:.* from )?"([^"]+)";$/gm)) {
      if (!name.startsWith('.') && !isBuiltin(name)) imported.add(name)
    }
    // Loaded by `require`, and only when a folder is locked.
    for (const [, name = ''] of code.matchAll(/^const PACKAGE = "([^"]+)";$/gm)) {
      imported.add(name)
    }
  }
  // PGlite is among them: otherwise the search has found nothing.
  expect(imported).toContain('@electric-sql/pglite')
  const { dependencies } = await readManifest()
  for (const name of imported) {
    const [scope, base] = name.split('/')
    const declared = name.startsWith('@') ? `${scope}/${base}` : scope
    expect(Object.keys(dependencies), name).toContain(declared)
  }
})

/** Without what the npm that runs these tests says to scripts: it would name this repository. */
const plainEnvironment = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$)/.test(name)),
  )
