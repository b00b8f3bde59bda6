// Every link in the Markdown of this repository has a target.
import { readdirSync } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { sidebar } from '../../docs/.vitepress/sidebar.ts'
import { anchorsIn, docs, linksIn, packagePages, readme, root } from './readme.ts'

/** The first page of the website leads elsewhere. */
const written = docs.map(({ file }) => file).filter((file) => file !== 'docs/index.md')

const rootPages = [
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'SPEC.md',
  'THREAT_MODEL.md',
]

const pages = [
  ...[readme, ...docs, ...Object.values(packagePages)].map(({ file }) => file),
  ...rootPages,
  'docs/api.md',
  'apps/agent/README.md',
  'test/simulation/README.md',
  ...readdirSync(path.join(root, 'examples')).map((name) => `examples/${name}/README.md`),
]

const anchors = new Map<string, Promise<string[]>>()

/** The anchors of a file, parsed once: docs/api.md is long, and half of its links lead into itself. */
function anchorsOf(file: string): Promise<string[]> {
  const known = anchors.get(file) ?? readFile(file, 'utf8').then(anchorsIn)
  anchors.set(file, known)
  return known
}

test.each(pages)('every link of %s leads to a file, and to a heading of it', async (page) => {
  const text = await readFile(path.join(root, page), 'utf8')
  const inside = linksIn(text).filter((link) => !/^https:\/\//.test(link))
  for (const link of inside) {
    expect(link, 'an address of another protocol').not.toMatch(/^\w+:/)
    const [file = '', anchor] = link.split('#')
    // A page of the website, which VitePress checks.
    if (file.startsWith('/docs/')) continue
    const target = file === '' ? path.join(root, page) : path.join(root, path.dirname(page), file)
    await access(target)
    if (anchor !== undefined) expect(await anchorsOf(target), link).toContain(anchor)
  }
})

test('the pages of the packages have an example and links', () => {
  for (const { file, text, blocks } of Object.values(packagePages)) {
    // A package that is only a command is run, and not imported.
    const example = file.includes('create-y-electric') ? 'sh' : 'ts'
    expect(
      blocks.some(({ language }) => language === example),
      file,
    ).toBe(true)
    expect(linksIn(text).length, file).toBeGreaterThan(1)
  }
})

test('the README leads to every page of docs/', () => {
  const linked = linksIn(readme.text)
  expect(written.filter((file) => !linked.includes(file))).toEqual([])
})

test('the website lists every page of docs/, and no page that does not exist', async () => {
  const listed = sidebar.flatMap(({ items }) => items.map(({ link }) => `${link.slice(1)}.md`))
  expect(listed.filter((file) => file.startsWith('docs/')).sort()).toEqual(
    [...written, 'docs/api.md'].sort(),
  )
  for (const file of listed) await access(path.join(root, file))
})
