// The files of the examples, without installing them: examples.test.ts does that in a deep run.
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { currentVersion, readJson } from '../../tools/release/stage.ts'
import { docsPage, root } from '../readme/readme.ts'
import { EXAMPLES } from './editors.ts'

interface Manifest {
  readonly name: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const names = EXAMPLES.map(({ name }) => name)
const fileOf = (name: string, file: string) => path.join(root, 'examples', name, file)

test('every folder of examples is tested, and is in docs/editors.md', () => {
  expect([...names].sort()).toEqual(readdirSync(path.join(root, 'examples')).sort())
  for (const name of names) expect(docsPage('editors').text).toContain(`examples/${name}/README.md`)
})

test.each(names)(
  'the example %s pins exact versions, and has the version of our packages',
  async (name) => {
    const manifest = await readJson<Manifest>(fileOf(name, 'package.json'))
    const { dependencies, devDependencies } = manifest
    expect(manifest.name).toBe(`y-electric-example-${name}`)
    for (const [dependency, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(version, dependency).toMatch(/^\d+\.\d+\.\d+$/)
    }
    const version = await currentVersion()
    expect(dependencies).toMatchObject({ 'y-electric': version, '@y-electric/documents': version })
  },
)

test('the examples open and show a document in the same way, so that a correction reaches all of them', async () => {
  for (const file of ['src/document.ts', 'src/style.css', 'tsconfig.json']) {
    const texts = await Promise.all(names.map((name) => readFile(fileOf(name, file), 'utf8')))
    expect(new Set(texts).size, file).toBe(1)
  }
})

test('docs/editors.md names the installed versions', async () => {
  const { text } = docsPage('editors')
  const packages = [
    'codemirror',
    'quill',
    'lexical',
    '@blocknote/core',
    '@tiptap/core',
    'monaco-editor',
  ]
  for (const name of names) {
    const { dependencies } = await readJson<Manifest>(fileOf(name, 'package.json'))
    const row = text.split('\n').find((line) => line.includes(`examples/${name}/`)) ?? ''
    for (const one of packages) if (one in dependencies) expect(row).toContain(dependencies[one])
  }
})
