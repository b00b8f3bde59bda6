// The apps of examples/, installed from the packed packages and used by two people in Chromium, by the commands of the
// app, and on the server that `npm start` runs, with a native Postgres. Deep, because each installs and bundles an editor:
//   Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/examples -t codemirror
// It is in the project `integration`, since it needs neither the editor's server nor the scripts of `browser`.
import path from 'node:path'
import pg from 'pg'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { eventually } from '../browser/eventually.ts'
import { openClient } from '../e2e/client.ts'
import { freshDocId, readStored } from '../e2e/server.ts'
import { takeScreenshot } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { expectConverged } from '../harness/oracle.ts'
import { INSTALL_MS, usePackedApps } from '../harness/packedApps.ts'
import { createDatabase } from '../harness/postgres.ts'
import { type ServerProcess, startServerProcess } from '../harness/serverProcess.ts'
import { EXAMPLES } from './editors.ts'
import { installExample, runExample } from './installed.ts'
import { allShow, openAs, showsStatus } from './people.ts'

describe.runIf(isDeep)('the examples', () => {
  const apps = usePackedApps()

  describe.each(EXAMPLES)('the example $name', (example) => {
    const { insert, goOn, type, read, names } = example
    let database: Awaited<ReturnType<typeof createDatabase>>
    let server: ServerProcess
    let pool: pg.Pool
    let app: string

    beforeAll(async () => {
      app = await installExample(example.name, apps.folder, apps.tarballs)
      database = await createDatabase(inject('databaseUrl'))
      const env = { DATABASE_URL: database.url }
      const scriptArguments = ['--editor', path.join(app, 'dist')]
      server = await startServerProcess({ scriptArguments, env })
      pool = new pg.Pool({ connectionString: database.url })
    }, INSTALL_MS)
    afterAll(async () => {
      await pool?.end()
      await server?.stop()
      await database?.drop()
    })
    afterEach(() => Promise.all(apps.browser.contexts().map((context) => context.close())))

    const openAt = (url: string, name: string, docId: string): Promise<Page> =>
      openAs(name, apps.browser, `${url}/?doc=${docId}`, example)
    const open = (name: string, docId: string) => openAt(server.url, name, docId)
    const openBoth = (docId: string) => Promise.all([open('Ada', docId), open('Bob', docId)])

    /** The stored rows are the document, whatever order they are applied in. */
    async function expectStored(docId: string): Promise<void> {
      const reader = openClient({ url: `${server.url}/api`, docId })
      try {
        await reader.provider.whenSynced()
        expectConverged([reader.doc], await readStored(pool, docId))
      } finally {
        await reader.close()
      }
    }

    test('two people type at the same time and see the same, which is stored', async () => {
      const docId = freshDocId(example.name)
      const [ada, bob] = await openBoth(docId)
      await type(ada, 'Ada')
      await allShow([ada, bob], example, { has: ['Ada'] })
      await Promise.all([insert(ada, 'Apple'), insert(bob, 'Berry')])
      await allShow([ada, bob], example, { has: ['Ada', 'Apple', 'Berry'] })
      for (const page of [ada, bob]) await showsStatus(page, 'Saved')
      await expectStored(docId)
    })

    test('`npm run dev` and then `npm start` save what is typed, and end with Ctrl-C', async () => {
      const docId = freshDocId(example.name)
      const typed: string[] = []
      for (const [line, word] of [
        ['npm run dev', 'Apple'],
        ['npm start', 'Berry'],
      ] as const) {
        const { command, url } = await runExample(app, line)
        try {
          const ada = await openAt(url, 'Ada', docId)
          await allShow([ada], example, { has: typed })
          await insert(ada, word)
          typed.push(word)
          await showsStatus(ada, 'Saved')
          const bob = await openAt(url, 'Bob', docId)
          await allShow([ada, bob], example, { has: typed })
          await command.interrupt()
          await eventually(() => !command.hasChildren())
        } finally {
          await command.end()
        }
      }
    })

    test('each of two people sees the name of the other', async () => {
      const [ada, bob] = await openBoth(freshDocId(example.name))
      await insert(ada, 'Apple')
      await allShow([ada, bob], example, { has: ['Apple'] })
      await insert(bob, 'Berry')
      await allShow([ada, bob], example, { has: ['Berry'] })
      for (const [page, other] of [
        [ada, 'Bob'],
        [bob, 'Ada'],
      ] as const) {
        await eventually(async () => {
          const people = await page.locator('#people li').allTextContents()
          expect(people.sort()).toEqual(['Ada', 'Bob'])
          if (names !== null) expect(await names(page)).toContain(other)
        })
      }
      await takeScreenshot(ada, `example-${example.name}`)
    })

    test('undo takes back the edit of its person, and no edit of another', async () => {
      const [ada, bob] = await openBoth(freshDocId(example.name))
      // Bob writes into a paragraph of his own: undo takes the later edits in a paragraph along if its first edit made
      // it, and BlockNote appends a paragraph in either browser.
      await insert(bob, 'Cherry')
      await allShow([ada, bob], example, { has: ['Cherry'] })
      await insert(ada, 'Apple')
      await allShow([ada, bob], example, { has: ['Cherry', 'Apple'] })
      await goOn(bob, 'Berry')
      await allShow([ada, bob], example, { has: ['Cherry', 'Apple', 'Berry'] })
      await ada.keyboard.press('Control+z')
      await allShow([ada, bob], example, { has: ['Cherry', 'Berry'], lacks: ['Apple'] })
      await ada.keyboard.press('Control+Shift+KeyZ')
      await allShow([ada, bob], example, { has: ['Cherry', 'Apple', 'Berry'] })
    })

    // docs/editors.md says that BlockNote keeps one of two root blocks.
    test.skipIf(example.name === 'blocknote')(
      'the first edits of a new document are kept if two people make them offline',
      async () => {
        const [ada, bob] = await openBoth(freshDocId(example.name))
        for (const page of [ada, bob]) await page.context().setOffline(true)
        await insert(ada, 'Apple')
        await insert(bob, 'Berry')
        for (const page of [ada, bob]) await page.context().setOffline(false)
        await allShow([ada, bob], example, { has: ['Apple', 'Berry'] })
        for (const page of [ada, bob]) await showsStatus(page, 'Saved')
      },
    )

    test('a reload shows the document', async () => {
      const ada = await open('Ada', freshDocId(example.name))
      await insert(ada, 'Apple')
      await showsStatus(ada, 'Saved')
      const before = await read(ada)
      await ada.reload()
      await allShow([ada], example, { has: ['Apple'] })
      expect(await read(ada)).toBe(before)
      await insert(ada, 'Berry')
      await allShow([ada], example, { has: ['Apple', 'Berry'] })
    })

    test('an edit made offline is shown, survives a reload, and arrives when the network is back', async () => {
      const docId = freshDocId(example.name)
      const [ada, bob] = await openBoth(docId)
      await insert(ada, 'Apple')
      await allShow([ada, bob], example, { has: ['Apple'] })
      await ada.context().setOffline(true)
      await insert(ada, 'Berry')
      await allShow([ada], example, { has: ['Apple', 'Berry'] })
      await showsStatus(ada, 'Offline, kept on this device')
      // The page itself comes from the network, so only the API stays away during the reload.
      await ada.route('**/api/**', (route) => route.abort('internetdisconnected'))
      await ada.context().setOffline(false)
      await ada.reload()
      await allShow([ada], example, { has: ['Apple', 'Berry'] })
      await showsStatus(ada, 'Offline, kept on this device')
      expect(await read(bob)).not.toContain('Berry')
      await ada.unroute('**/api/**')
      await allShow([ada, bob], example, { has: ['Apple', 'Berry'] })
      await showsStatus(ada, 'Saved')
      await expectStored(docId)
    })
  })
})
