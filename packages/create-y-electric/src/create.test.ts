import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createApp, HELP } from './create.ts'
import { EDITORS, FRAMEWORKS, SERVERS } from './options.ts'

let folder: string
let lines: string[]
let warnings: string[]
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'create-y-electric-'))
  lines = []
  warnings = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const run = (args: readonly string[], ask: ((question: string) => Promise<string>) | null = null) =>
  createApp(args, {
    folder,
    version: '1.2.3',
    ask,
    write: (line) => lines.push(line),
    warn: (line) => warnings.push(line),
  })

interface Manifest {
  readonly name: string
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/** The text of each file of an app, by its path. */
async function filesOf(app: string): Promise<Map<string, string>> {
  const root = path.join(folder, app)
  const entries = await readdir(root, { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile())
  return new Map(
    await Promise.all(
      files.map(async (entry): Promise<[string, string]> => {
        const file = path.join(entry.parentPath, entry.name)
        return [path.relative(root, file), await readFile(file, 'utf8')]
      }),
    ),
  )
}

const manifestOf = (files: ReadonlyMap<string, string>): Manifest =>
  JSON.parse(files.get('package.json') ?? '')

const combinations = FRAMEWORKS.flatMap((framework) =>
  EDITORS.flatMap((editor) =>
    SERVERS.filter((server) => server === 'node' || framework === 'react').map(
      (server) => [framework, editor, server] as const,
    ),
  ),
)

describe.each(combinations)('an app with %s and %s on %s', (framework, editor, server) => {
  const args = ['app', '--framework', framework, '--editor', editor, '--server', server]

  test('has every file and every package that it imports, and no other package', async () => {
    expect(await run(args)).toBe(0)
    const files = await filesOf('app')
    const { dependencies, devDependencies } = manifestOf(files)

    const used = new Set(['y-electric', '@y-electric/documents', 'y-protocols'])
    if (server === 'node') used.add('concurrently')
    // Peers: of our packages, and of Next.js.
    else for (const peer of ['pg', 'react-dom']) used.add(peer)
    for (const [file, text] of files) {
      const imports = text.matchAll(/(?:\bfrom |\bimport\(|^\s*import )'([^']+)'/gm)
      for (const [, name = ''] of imports) {
        if (name.startsWith('.')) {
          const imported = path.posix.join(path.posix.dirname(file), name)
          const found = ['', '.ts', '.tsx'].some((ending) => files.has(`${imported}${ending}`))
          expect(found, `${file} imports ${name}`).toBe(true)
        } else used.add(packageOf(name))
      }
    }
    const declared = [...Object.keys(dependencies), ...Object.keys(devDependencies)]
    expect([...used].filter((name) => !declared.includes(name))).toEqual([])
    // Peer dependencies, types and the compiler, which no file imports.
    const unused = declared.filter((name) => !used.has(name))
    const expected = [
      '@types/node',
      '@types/react',
      '@types/react-dom',
      '@tiptap/core',
      '@tiptap/pm',
      '@tiptap/y-tiptap',
    ]
    expect(unused.filter((name) => ![...expected, 'typescript', 'vue'].includes(name))).toEqual([])
  })

  test('has its name, the version of this package, and a page that loads its first module', async () => {
    await run(args)
    const files = await filesOf('app')
    const manifest = manifestOf(files)
    expect(manifest.name).toBe('app')
    expect(manifest.dependencies).toMatchObject({
      'y-electric': '1.2.3',
      '@y-electric/documents': '1.2.3',
    })
    expect(files.get('.gitignore')).toContain('.data')
    if (server === 'node') {
      expect(manifest.scripts.dev).toContain('y-electric serve')
      expect(files.get('index.html')).toContain('<title>app</title>')
      const [, first = ''] = /src="\/([^"]+)"/.exec(files.get('index.html') ?? '') ?? []
      expect([...files.keys()]).toContain(first)
    } else {
      expect(manifest.scripts.dev).toBe('next dev')
      expect(files.get('app/layout.tsx')).toContain("title: 'app'")
      expect(files.has('app/page.tsx')).toBe(true)
    }
    expect([...files.values()].join('\n')).not.toMatch(/\{\{\w/)
    const sources = [...files.values()].join('\n')
    expect(sources).toContain('persistence')
    if (framework !== 'vanilla') expect(sources).toContain(`'y-electric/${framework}'`)
    expect(lines.join('\n')).toContain('cd app')
  })
})

const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')

describe('nothing is written, and the exit code is 2', () => {
  test.each([
    ['an unknown option', ['app', '--colour', 'red'], "Unknown option '--colour'"],
    ['an unknown framework', ['app', '--framework', 'ember'], 'must be one of react, vue'],
    ['an unknown editor', ['app', '--editor', 'word'], 'must be one of tiptap, codemirror, not'],
    ['an unknown server', ['app', '--server', 'deno'], 'must be one of node, next'],
    [
      'Next.js with another framework',
      ['app', '--framework', 'vue', '--server', 'next'],
      '--server next needs --framework react, not "vue"',
    ],
    ['an option without a value', ['app', '--editor'], 'argument missing'],
    ['a name with capital letters', ['MyApp'], 'cannot be the name of a package'],
    ['a name that leads to another folder', ['../app'], 'cannot be the name of a package'],
    ['the name that npm reserves', ['node_modules'], 'cannot be the name of a package'],
    ['a name that is too long', ['a'.repeat(215)], 'at most 214 characters'],
    ['two names', ['one', 'two'], 'expected one name, not 2'],
  ])('after %s', async (_, args, message) => {
    expect(await run(args)).toBe(2)
    expect(warnings.join()).toContain(message)
    expect(await readdir(folder)).toEqual([])
  })

  test('for a folder that is not empty, whose files stay as they are', async () => {
    await mkdir(path.join(folder, 'app'))
    await writeFile(path.join(folder, 'app/thesis.txt'), 'mine')
    expect(await run(['app'])).toBe(2)
    expect(warnings.join()).toContain('is not empty: use another name, or empty it')
    expect([...(await filesOf('app'))]).toEqual([['thesis.txt', 'mine']])
  })

  test('if a file has the name', async () => {
    await writeFile(path.join(folder, 'app'), 'mine')
    expect(await run(['app'])).toBe(2)
    expect(warnings.join()).toContain('is a file: use another name')
    expect(await readFile(path.join(folder, 'app'), 'utf8')).toBe('mine')
  })
})

test('a folder that contains only a new Git repository counts as empty', async () => {
  await mkdir(path.join(folder, 'app/.git'), { recursive: true })
  expect(await run(['app'])).toBe(0)
  expect((await filesOf('app')).has('package.json')).toBe(true)
})

test('a person is asked only for missing arguments, and an empty answer takes the default', async () => {
  const questions: string[] = []
  const ask = async (question: string) => {
    questions.push(question)
    return question.startsWith('name') ? 'asked' : ''
  }
  expect(await run(['--framework', 'vue'], ask)).toBe(0)
  expect(questions).toEqual(['name (my-app): ', 'editor: tiptap, codemirror (tiptap): '])
  expect(manifestOf(await filesOf('asked')).dependencies).toHaveProperty('@tiptap/vue-3')
})

test('a person who chooses React is asked for the server', async () => {
  const questions: string[] = []
  const ask = async (question: string) => {
    questions.push(question)
    return question.startsWith('server') ? 'next' : ''
  }
  expect(await run(['app', '--editor', 'codemirror'], ask)).toBe(0)
  expect(questions).toEqual([
    'framework: react, vue, svelte, vanilla (react): ',
    'server: node, next (node): ',
  ])
  expect(manifestOf(await filesOf('app')).dependencies).toHaveProperty('next')
})

test('a wrong answer is refused like a wrong argument', async () => {
  expect(await run(['app'], async () => 'ember')).toBe(2)
  expect(warnings.join()).toContain('--framework must be one of')
})

test('--help lists every framework and editor, and writes nothing', async () => {
  expect(await run(['--help'])).toBe(0)
  expect(lines).toEqual([HELP])
  for (const one of [...FRAMEWORKS, ...EDITORS, ...SERVERS]) expect(HELP).toContain(one)
  expect(await readdir(folder)).toEqual([])
})
