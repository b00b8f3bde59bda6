// The sections of docs/servers.md for frameworks that build an app: their files, unchanged, in an empty folder with the
// packed packages. Two people write through the API and through a page. Deep, because it installs the frameworks:
//   Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/servers/frameworks -t Next
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { isDeep } from '../harness/deep.ts'
import { noteMount } from '../harness/mounts.ts'
import { INSTALL_MS, usePackedApps } from '../harness/packedApps.ts'
import { type Tarballs, useTarballs } from '../harness/tarballs.ts'
import { type Command, runCommand, startCommand } from '../readme/shell.ts'
import { FRAMEWORKS, type Framework } from './frameworks.ts'
import { filesOfSection } from './page.ts'
import { writeTogether } from './people.ts'
import { START_MS } from './program.ts'
import { expectLargeEdits, expectStreams } from './streams.ts'
import { freePort, openWorld } from './world.ts'

/** The frameworks report nothing to their makers. */
const SILENT = { NEXT_TELEMETRY_DISABLED: '1', NUXT_TELEMETRY_DISABLED: '1' }

test.each(FRAMEWORKS)('docs/servers.md has the files of an app with $name', ({ name }) => {
  expect(Object.keys(filesOfSection(name)).length).toBeGreaterThan(0)
})

describe.runIf(isDeep)('a framework that builds an app', () => {
  const apps = usePackedApps()

  describe.each(FRAMEWORKS)('$name', (framework) => {
    let app: string

    beforeAll(async () => {
      app = path.join(apps.folder, framework.main.replaceAll('/', '-'))
      await writeApp(app, framework, apps.tarballs)
      await run('npm install --no-audit --no-fund', app)
    }, INSTALL_MS)

    test.each(framework.modes)(
      'serves two people from its API and its page ($mode)',
      async ({ build, start }) => {
        // There is no database while it is built.
        if (build !== null) await run(build, app)
        const world = await openWorld()
        const port = await freePort()
        // Next.js serves the scripts of `next dev` to this name alone.
        const site = `http://localhost:${port}`
        const command = startCommand(
          start(port),
          {
            ...SILENT,
            ...world.env,
            ...framework.env,
            PORT: String(port),
          },
          app,
        )
        try {
          await answers(command, `${site}/api/health`)
          await writeTogether(`${site}/api`, framework)
          await expectStreams(`${site}/api`)
          await expectLargeEdits(`${site}/api`)
          await usePage(apps.browser, site, framework)
          expect(command.output()).not.toMatch(/error|warn|already imported|event loop/i)
        } catch (cause) {
          throw new Error(`${start(port)} printed:\n${command.output()}`, { cause })
        } finally {
          await command.end()
          await world.close()
        }
        await noteMount(framework.name, framework.dependencies[framework.main] ?? '')
      },
    )
  })
})

async function run(line: string, cwd: string): Promise<void> {
  const { code, output } = await runCommand(line, SILENT, cwd)
  expect(code, `${line}\n${output}`).toBe(0)
}

async function writeApp(app: string, framework: Framework, tarballs: Tarballs): Promise<void> {
  const { name, dependencies, files } = framework
  const manifest = {
    private: true,
    type: 'module',
    dependencies: { hono: '4.13.19', pg: '8.23.1', yjs: '13.6.33', ...dependencies },
  }
  const all = { ...files, ...filesOfSection(name), 'package.json': JSON.stringify(manifest) }
  for (const [file, content] of Object.entries(all)) {
    const place = path.join(app, file)
    await mkdir(path.dirname(place), { recursive: true })
    await writeFile(place, content)
  }
  await useTarballs(path.join(app, 'package.json'), tarballs)
}

async function answers(command: Command, url: string): Promise<void> {
  await eventually(async () => {
    if (command.child.exitCode !== null) return true
    return (await fetch(url)).ok
  }, START_MS)
  expect(command.child.exitCode).toBeNull()
}

/** The server renders the page, and an edit in one browser appears in another. Neither logs an error. */
async function usePage(browser: Browser, site: string, framework: Framework): Promise<void> {
  const { rendered, edit, edited, others = {} } = framework
  expect(await (await fetch(site)).text()).toMatch(rendered)
  const failed: string[] = []
  const open = async (address = site): Promise<Page> => {
    const page = await (await browser.newContext()).newPage()
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') failed.push(message.text())
    })
    page.on('pageerror', (error) => failed.push(String(error)))
    await page.goto(address)
    return page
  }
  const [ada, bob] = [await open(), await open()]
  await edit(ada)
  for (const page of [ada, bob]) await page.getByText(edited).waitFor()
  for (const [place, shown] of Object.entries(others)) {
    await (await open(site + place)).getByText(shown).waitFor()
  }
  await Promise.all(browser.contexts().map((context) => context.close()))
  expect(failed).toEqual([])
}
