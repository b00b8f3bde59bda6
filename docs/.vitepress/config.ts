// The website of these pages: `npm run docs:site`. VitePress refuses to build a page with a dead link.
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createContentLoader, defineConfig } from 'vitepress'
import { sidebar } from './sidebar'

const repository = path.resolve(import.meta.dirname, '../..')

export default defineConfig({
  title: 'y-electric',
  description: 'Collaborative Yjs documents on your own Postgres, over plain HTTP',
  srcDir: repository,
  srcExclude: [
    '{apps,examples,packages,test,tools,.artifacts}/**',
    '**/node_modules/**',
    'README.md',
  ],
  outDir: path.join(repository, 'docs/.vitepress/dist'),
  cacheDir: path.join(repository, 'docs/.vitepress/cache'),
  rewrites: { 'docs/index.md': 'index.md' },
  // Links to folders and files of the repository, which are not pages of the website.
  ignoreDeadLinks: [
    /^(\.\/|\.\.\/)*(packages|apps|examples|test|tools)\//,
    /README/,
    /\.(sql|yml|ts|conf)$/,
  ],
  cleanUrls: true,
  lastUpdated: false,
  themeConfig: {
    nav: [
      { text: 'Tutorial', link: '/docs/tutorial' },
      { text: 'API', link: '/docs/api' },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
  },
  buildEnd: writeTextsForModels,
})

/** Writes llms.txt, a list of all pages, and llms-full.txt, all pages in one file (https://llmstxt.org). */
async function writeTextsForModels(site: { readonly outDir: string }): Promise<void> {
  const pages = await createContentLoader('docs/*.md', { includeSrc: true }).load()
  const bySidebar = new Map(pages.map((page) => [page.url, page.src ?? '']))
  const listed: string[] = []
  const full: string[] = []
  for (const { text: part, items } of sidebar) {
    listed.push(`\n## ${part}\n`)
    for (const { text, link } of items) {
      const source = bySidebar.get(link)
      if (source === undefined) continue
      listed.push(`- [${text}](${link}.md): ${firstSentence(source)}`)
      full.push(source)
    }
  }
  const head =
    '# y-electric\n\n> Collaborative Yjs documents on your own Postgres, over plain HTTP\n'
  await mkdir(site.outDir, { recursive: true })
  await writeFile(path.join(site.outDir, 'llms.txt'), `${head}${listed.join('\n')}\n`)
  await writeFile(path.join(site.outDir, 'llms-full.txt'), `${full.join('\n\n')}\n`)
}

const firstSentence = (source: string): string => {
  const paragraph = source.split('\n\n').find((part) => /^[A-Z`[]/.test(part)) ?? ''
  return paragraph.replaceAll('\n', ' ').split(/(?<=[.:])\s/)[0] ?? ''
}
