// The guides for people who come from another provider, without installing anything: peers.test.ts does that.
import path from 'node:path'
import { expect, test } from 'vitest'
import { readJson } from '../../tools/release/stage.ts'
import { docs, docsPage, linksIn, root, tableRowsIn } from '../readme/readme.ts'
import { GUIDES } from './guide.ts'

test('the list of guides has every guide, with the number of lines that change', () => {
  const pages = docs.map(({ file }) => path.basename(file)).filter((file) => /^from-/.test(file))
  expect(GUIDES.map(({ name }) => `${name}.md`).sort()).toEqual(pages)
  const [, , ...rows] = tableRowsIn(docsPage('migrate').prose)
  expect(rows.map(([link = '', ...lines]) => [...linksIn(link), ...lines.map(Number)])).toEqual(
    GUIDES.map(({ name, changed }) => [`${name}.md`, changed.removed, changed.added]),
  )
})

test.each(GUIDES)(
  'the change of $name applies to the app, and leaves none of the old provider',
  ({ before, after }) => {
    const pages = [before, after].map(({ files }) => files.get('main.js') ?? '')
    const isOurs = pages.map((page) =>
      /new ElectricProvider\(\{ url: '\/api'|url: '\/api',/.test(page),
    )
    expect(isOurs).toEqual([false, true])
    const code = [...after.files.values()].join('\n')
    const uninstalled = after.installs.find((line) => line.startsWith('npm uninstall ')) ?? ''
    const packages = uninstalled.split(' ').slice(2)
    expect(packages.length).toBeGreaterThan(0)
    for (const name of packages) expect(code).not.toContain(`from '${name}`)
  },
)

test.each(GUIDES)(
  '$name installs the versions that the benchmarks and the examples use',
  async ({ before }) => {
    const manifests = ['tools/peers', 'examples/codemirror', 'examples/tiptap', 'test', '.']
    const known = await Promise.all(manifests.map(dependenciesOf))
    const packages = before.installs.flatMap((line) => line.split(' ').slice(2))
    expect(packages.length).toBeGreaterThan(3)
    for (const one of packages) {
      const [, name = '', version] = /^(.+)@(.+)$/.exec(one) ?? []
      expect(version, one).toMatch(/^\d+\.\d+\.\d+$/)
      const versions = known.flatMap((dependencies) => dependencies[name] ?? [])
      if (versions.length > 0) expect(versions, one).toContain(version)
    }
  },
)

async function dependenciesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const { dependencies, devDependencies } = await readJson<
    Record<'dependencies' | 'devDependencies', Record<string, string>>
  >(path.join(root, folder, 'package.json'))
  return { ...dependencies, ...devDependencies }
}
