// The app of each guide and its change, as the page has them, used by two people in Chromium: first with the other
// provider and its server, then with ours. Deep, because each installs its packages:
//   Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/guides -t y-websocket
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { EXAMPLES, type Example } from '../examples/editors.ts'
import { allShow } from '../examples/people.ts'
import { isDeep } from '../harness/deep.ts'
import { noteFigure } from '../harness/figures.ts'
import { usePackedApps } from '../harness/packedApps.ts'
import { openWorld, type World } from '../servers/world.ts'
import { type GuideApp, installedFolder, openApp } from './app.ts'
import { GUIDES, type Guide } from './guide.ts'

/** The server of this guide keeps the document in memory, so a restart begins an empty one. */
const KEEPS_NOTHING = 'from-hocuspocus'

const PACKAGES_OF_PEERS = /^(?:@hocuspocus|@electric-sql|@y)\/|^y-(?:web|indexeddb)/

describe.runIf(isDeep)('the guides', () => {
  const apps = usePackedApps()

  test.each(GUIDES)(
    'the app of $name works with the other provider, and after its change with this one, which keeps the text',
    async (guide) => {
      const world = await openWorld()
      const app = await openApp(path.join(apps.folder, guide.name), apps.tarballs, world.env)
      const people = await Promise.all([newPerson(apps.browser), newPerson(apps.browser)])
      try {
        await app.put(guide.before)
        await expectNames(guide, app)
        const theirs = await app.startServer(guide.before.server)
        const page = await app.startPage()
        const editor = editorOf(guide)
        const written = await writeTogether(people, app.pageUrl, editor, ['Apple', 'Berry'])
        for (const person of people) await person.goto('about:blank')

        await app.put(guide.after)
        await page.interrupt()
        await theirs.interrupt()
        await runSql(world, guide.after.sql)
        if (guide.after.import !== undefined) await app.run(guide.after.import)
        const ours = await app.startServer(guide.after.server)
        await app.startPage()
        const kept = guide.name === KEEPS_NOTHING ? [] : written
        const all = [
          ...kept,
          ...(await writeTogether(people, app.pageUrl, editor, ['Cherry', 'Damson'], kept)),
        ]
        for (const person of people) await person.goto('about:blank')

        await ours.interrupt()
        await app.startServer(guide.after.server)
        const carol = await newPerson(apps.browser)
        await carol.goto(app.pageUrl)
        await allShow([carol], editor, { has: all })
        await carol.context().close()
        const { removed, added } = guide.changed
        await noteFigure(`lines to move from ${guide.peer}`, `${removed} removed, ${added} added`)
      } finally {
        await Promise.all(people.map((person) => person.context().close()))
        await app.close()
        await world.close()
      }
    },
  )
})

const newPerson = async (browser: Browser): Promise<Page> => (await browser.newContext()).newPage()

async function runSql({ env }: World, statements: readonly string[]): Promise<void> {
  const pool = new pg.Pool({ connectionString: env.DATABASE_URL })
  for (const statement of statements) await pool.query(statement)
  await pool.end()
}

function editorOf({ before }: Guide): Example {
  const name = before.files.get('main.js')?.includes('@tiptap/core') ? 'tiptap' : 'codemirror'
  const found = EXAMPLES.find((example) => example.name === name)
  if (found === undefined) throw new Error(`there is no example ${name}`)
  return found
}

/**
 * Each of two people types a word, and both see both.
 * @param shown what the document has before
 */
async function writeTogether(
  people: readonly Page[],
  url: string,
  editor: Example,
  words: readonly string[],
  shown: readonly string[] = [],
): Promise<readonly string[]> {
  for (const person of people) await person.goto(url)
  await allShow(people, editor, { has: shown })
  for (const [index, person] of people.entries()) {
    await editor.insert(person, ` ${words[index]}`)
    await allShow(people, editor, { has: [...shown, ...words.slice(0, index + 1)] })
  }
  return words
}

/** The names of the other provider are those of its packages. */
async function expectNames({ before, names }: Guide, app: GuideApp): Promise<void> {
  const packages = before.installs
    .flatMap((line) => line.split(' '))
    .map((word) => word.replace(/(?<=.)@.*$/, ''))
    .filter((name) => PACKAGES_OF_PEERS.test(name))
  const sources = await Promise.all(
    packages.map(async (name) => sourcesIn(await installedFolder(app, name))),
  )
  const source = sources.flat().join('\n')
  const theirs = names.flatMap((row) => row.theirs.map((name) => name.replace('()', '')))
  expect(theirs.filter((name) => !new RegExp(`\\b${name}\\b`).test(source))).toEqual([])
}

async function sourcesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true })
  const files = entries.filter((file) => /(?<!\.min)\.[cm]?[jt]s$/.test(file))
  return Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')))
}
