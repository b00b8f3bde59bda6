// The packages as npm publishes them: linted, and installed from their tarballs into an empty folder. Deep, because
// installing and reading all types takes half a minute of processor time:
//   Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/packages
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { currentVersion, pack, readJson, stage } from '../../tools/release/stage.ts'
import { isDeep } from '../harness/deep.ts'

const run = promisify(execFile)

interface Published {
  readonly name: string
  readonly folder: string
  readonly tarball: string
  readonly manifest: Readonly<Record<string, unknown>>
  /** The entries that an app imports: `y-electric`, `y-electric/react`, … */
  readonly entries: readonly string[]
}

describe.runIf(isDeep)('the published packages', () => {
  let folder: string
  let published: Published[]

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-packages-'))
    const folders = await stage(path.join(folder, 'staged'), await currentVersion())
    published = await Promise.all(
      folders.map(async (staged) => {
        const { filename } = await pack(staged, ['--pack-destination', folder])
        const manifest = await readJson<Record<string, unknown>>(path.join(staged, 'package.json'))
        const name = String(manifest.name)
        const entries = Object.keys(manifest.exports ?? {}).map((entry) =>
          path.posix.join(name, entry),
        )
        return { name, folder: staged, tarball: path.join(folder, filename), manifest, entries }
      }),
    )
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('have no problem that publint finds, and hold a readme and a changelog', async () => {
    for (const { name, folder: pkgDir, manifest } of published) {
      const { messages } = await publint({ pkgDir, pack: false, strict: true })
      const problems = messages.map((message) => formatMessage(message, manifest))
      expect(problems, name).toEqual([])
      expect(await readdir(pkgDir)).toEqual(
        expect.arrayContaining(['CHANGELOG.md', 'README.md', 'package.json']),
      )
    }
  })

  test('have types that every resolution of TypeScript finds', async () => {
    // A package that is only a command has no entries.
    for (const { name, tarball } of published.filter(({ entries }) => entries.length > 0)) {
      const checked = await checkPackage(createPackageFromTarballData(await readFile(tarball)))
      const problems = 'problems' in checked ? checked.problems : [{ kind: 'no types' }]
      // The packages are modules only: Node 20.19 loads them with `require` too, and node10 knows no `exports`.
      const others = problems.filter(
        (problem) =>
          problem.kind !== 'CJSResolvesToESM' &&
          !('resolutionKind' in problem && problem.resolutionKind === 'node10'),
      )
      expect(others, name).toEqual([])
    }
  })

  /** The newest versions of peers, and the oldest that the packages accept. */
  const peers = {
    newest: ['hono', 'pg', 'yjs', 'y-protocols', 'react', 'vue', 'svelte', 'solid-js'],
    oldest: [
      ...['hono@4.7.0', 'pg@8.11.0', 'yjs@13.6.24', 'y-protocols@1.0.6'],
      ...['react@18.0.0', 'vue@3.4.0', 'svelte@5.7.0', 'solid-js@1.8.0'],
    ],
  }

  test.each(['newest', 'oldest'] as const)(
    'install into an empty folder with the %s peers, load, and bring no second copy of any',
    async (age) => {
      const app = path.join(folder, age)
      const write = async (name: string, text: string) => {
        await writeFile(path.join(app, name), text)
      }
      await run('mkdir', [app])
      await write('package.json', '{ "private": true, "type": "module" }')
      const tiptap = ['@tiptap/core@3', '@tiptap/pm@3']
      const tanstack = ['@tanstack/db@^0.9.2', '@tanstack/electric-db-collection@^0.4.10']
      const tarballs = published.map(({ tarball }) => tarball)
      await run(
        'npm',
        ['install', '--no-audit', '--no-fund', ...tarballs, ...peers[age], ...tiptap, ...tanstack],
        {
          cwd: app,
        },
      )
      expect(await copies(app, ['yjs', 'hono', 'pg', 'y-protocols', 'lib0', 'y-electric'])).toEqual(
        {
          ...{ yjs: 1, hono: 1, pg: 1, 'y-protocols': 1, lib0: 1, 'y-electric': 1 },
        },
      )

      const entries = published.flatMap((one) => one.entries)
      const imports = entries.map((entry, i) => `import * as entry${i} from '${entry}'`)
      const names = entries.map((_, i) => `entry${i}`).join(', ')
      await write('app.ts', `${imports.join('\n')}\nexport const entries = [${names}]\n`)
      await write(
        'app.js',
        `${imports.join('\n')}\nconsole.log([${names}].map((entry) => Object.keys(entry).length).join())\n`,
      )
      const { stdout, stderr } = await run(process.execPath, ['app.js'], { cwd: app })
      expect(stderr).toBe('')
      const counts = stdout.trim().split(',').map(Number)
      expect(counts).toHaveLength(entries.length)
      expect(Math.min(...counts)).toBeGreaterThan(0)
      const help = await run(path.join(app, 'node_modules/.bin/y-electric'), ['--help'])
      expect(help.stdout).toContain('serve')

      if (age === 'oldest') return
      await run(
        'npm',
        ['install', '--no-audit', '--no-fund', 'typescript@6', '@types/node@20', '@types/react@19'],
        {
          cwd: app,
        },
      )
      for (const resolution of ['nodenext', 'bundler']) {
        const module = resolution === 'nodenext' ? 'nodenext' : 'esnext'
        const options = ['--module', module, '--moduleResolution', resolution, '--target', 'es2022']
        const tsc = path.join(app, 'node_modules/typescript/bin/tsc')
        await run(
          process.execPath,
          [tsc, '--noEmit', '--strict', '--skipLibCheck', '--types', 'node', ...options, 'app.ts'],
          { cwd: app },
        ).catch(({ stdout: problems }) => expect(problems, resolution).toBe(''))
      }
    },
  )
})

/** How many copies of each package are installed. */
async function copies(app: string, names: readonly string[]): Promise<Record<string, number>> {
  const { stdout } = await run('npm', ['ls', '--all', '--parseable', ...names], { cwd: app })
  const folders = new Set(stdout.trim().split('\n'))
  return Object.fromEntries(
    names.map((name) => [
      name,
      [...folders].filter((one) => one.endsWith(`/node_modules/${name}`)).length,
    ]),
  )
}
