import path from 'node:path'
import { expect, test } from 'vitest'
import { mayFollow, releasedChangelog } from './changelog.ts'
import { publishedManifest, undecided } from './manifest.ts'
import { PACKAGES, readJson, root } from './stage.ts'

const owner = { license: 'MIT', repository: 'https://example.com/y-electric' }
const about = { owner, version: '0.2.0', folder: 'packages/server', names: ['a', 'b', 'c'] }

test('a published package.json has the decisions of the owner, one version for all packages, and no condition that loads sources', () => {
  const manifest = publishedManifest(
    {
      name: 'a',
      version: '0.1.0',
      scripts: { build: 'tsc' },
      files: ['dist'],
      exports: { '.': { 'y-electric-source': './src/a.ts', default: './dist/a.js' } },
      dependencies: { b: '0.1.0', hono: '4.0.0' },
      devDependencies: { vitest: '4.0.0' },
      peerDependencies: { c: '0.1.0' },
    },
    about,
  )
  expect(manifest).toMatchObject({
    version: '0.2.0',
    license: 'MIT',
    repository: { url: 'git+https://example.com/y-electric.git', directory: 'packages/server' },
    files: ['dist', 'CHANGELOG.md'],
    dependencies: { b: '0.2.0', hono: '4.0.0' },
    peerDependencies: { c: '0.2.0' },
  })
  expect(manifest.exports).toEqual({ '.': { default: './dist/a.js' } })
  expect(Object.keys(manifest)).not.toContain('scripts')
  expect(Object.keys(manifest)).not.toContain('devDependencies')
})

test('a release is refused until the owner has chosen a license and a repository', () => {
  expect(undecided({ license: 'UNLICENSED' })).toHaveLength(2)
  expect(undecided({ license: 'MIT' })).toHaveLength(1)
  expect(undecided(owner)).toEqual([])
})

interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly keywords: readonly string[]
  readonly engines: { readonly node: string }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

test('every package has a description and the same version, and takes yjs, hono, pg and frameworks from the app', async () => {
  const engines = (await readJson<Manifest>(path.join(root, 'package.json'))).engines
  const manifests = await Promise.all(
    PACKAGES.map((folder) =>
      readJson<Manifest>(path.join(root, 'packages', folder, 'package.json')),
    ),
  )
  for (const { name, description, keywords, version, dependencies = {}, ...others } of manifests) {
    expect(description, name).toMatch(/\w+ \w+/)
    expect(keywords.length, name).toBeGreaterThan(3)
    expect(version, name).toBe(manifests[0]?.version)
    expect(others.engines, name).toEqual(engines)
    for (const shared of [
      'yjs',
      'y-protocols',
      'hono',
      'pg',
      'react',
      'vue',
      'svelte',
      'solid-js',
    ]) {
      expect(Object.keys(dependencies), name).not.toContain(shared)
      expect(others.peerDependencies?.[shared] ?? '^', name).toMatch(/^[\^>]/)
    }
    // yjs needs lib0 too: a range lets npm install it once.
    expect(dependencies.lib0 ?? '^', name).toMatch(/^\^/)
  }
})

test('every package is published after the packages that it needs', async () => {
  const published = new Set<string>()
  for (const folder of PACKAGES) {
    const file = path.join(root, 'packages', folder, 'package.json')
    const { name, dependencies = {} } = await readJson<Manifest>(file)
    const ours = Object.keys(dependencies).filter((one) => /^(@y-electric\/|y-electric$)/.test(one))
    for (const needed of ours) expect(published, name).toContain(needed)
    published.add(name)
  }
  expect(published.size).toBe(PACKAGES.length)
})

test('a release moves the unreleased changes to its version, and is refused if there are none', () => {
  const text =
    '# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 0.1.0 (2026-01-01)\n\n- All.\n'
  const released = releasedChangelog(text, '0.2.0', '2026-02-01')
  expect(released).toContain('## Unreleased\n\n## 0.2.0 (2026-02-01)\n\n### Added\n\n- A thing.')
  expect(() => releasedChangelog(released, '0.3.0', '2026-03-01')).toThrow('no unreleased changes')
  expect(() => releasedChangelog(text, '0.1.0', '2026-03-01')).toThrow('already has 0.1.0')
})

test('a version may follow only an earlier one', () => {
  expect(mayFollow('0.1.9', '0.1.10')).toBe(true)
  expect(mayFollow('0.1.9', '0.2.0')).toBe(true)
  expect(mayFollow('0.9.0', '1.0.0')).toBe(true)
  expect(mayFollow('0.2.0', '0.1.9')).toBe(false)
  expect(mayFollow('0.2.0', '0.2.0')).toBe(false)
  expect(() => mayFollow('0.2.0', 'next')).toThrow('three numbers')
})
