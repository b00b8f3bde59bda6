// The website of docs/, built as `npm run docs:site` builds it. It installs VitePress, so only deep tests do it.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { sidebar } from '../../docs/.vitepress/sidebar.ts'
import { isDeep } from '../harness/deep.ts'
import { root } from './readme.ts'
import { runCommand } from './shell.ts'

test('the front page of the website has the parts that VitePress reads', async () => {
  const text = await readFile(path.join(root, 'docs/index.md'), 'utf8')
  const [, data = ''] = /^---\n([\s\S]*?\n)---\n/.exec(text) ?? []
  const { hero, features } = parse(data)
  for (const { link } of hero.actions)
    expect(sidebar.flatMap(({ items }) => items)).toContainEqual({ text: expect.anything(), link })
  expect(features.length).toBeGreaterThan(2)
  for (const feature of features) {
    expect(feature).toEqual({
      title: expect.stringMatching(/^[A-Z]/),
      details: expect.stringMatching(/\.$/),
    })
  }
})

test.runIf(isDeep)(
  'the website is built without a dead link, with its texts for models',
  async () => {
    const { code, output } = await runCommand('npm run docs:site')
    expect(code, output).toBe(0)
    const read = (file: string) => readFile(path.join(root, 'docs/.vitepress/dist', file), 'utf8')
    const list = await read('llms.txt')
    const pages = sidebar
      .flatMap(({ items }) => items)
      .filter(({ link }) => link.startsWith('/docs/'))
    for (const { link } of pages) expect(list).toMatch(new RegExp(`\\(${link}\\.md\\): \\S`))
    const full = await read('llms-full.txt')
    expect(full).toContain('# Tutorial: a collaborative document')
    expect(full).toContain('### POST /docs/{docId}/updates')
    expect(await read('docs/tutorial.html')).toContain('ten minutes')
  },
)
