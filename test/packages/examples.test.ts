// The apps in examples/, each installed from the packed packages and used by two people in Chromium. Deep, because each
// installs and bundles an editor: Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/packages/examples
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { currentVersion, readJson } from '../../tools/release/stage.ts'
import { launchBrowser } from '../harness/browser.ts'
import { freePort } from '../harness/postgres.ts'
import { packAll, type Tarballs, useTarballs } from '../harness/tarballs.ts'
import { root } from '../readme/readme.ts'
import { addressIn, type Command, runCommand, startCommand } from '../readme/shell.ts'
import { DRIVERS, type Driver } from './exampleDrivers.ts'
import { says, tellStory } from './exampleStory.ts'

const EXAMPLES = path.join(root, 'examples')
const names = Object.keys(DRIVERS)

/** Limits only an installation that hangs. */
const INSTALL_MS = 1_800_000

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
}

test('every example has a test and a row in the table, and takes the packages of this version', async () => {
  const entries = await readdir(EXAMPLES, { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  expect(folders.sort()).toEqual([...names].sort())
  const page = await readFile(path.join(EXAMPLES, 'README.md'), 'utf8')
  const version = `^${await currentVersion()}`
  for (const name of names) {
    expect(page).toContain(`| [${name}](${name}) |`)
    const { dependencies } = await readJson<Manifest>(path.join(EXAMPLES, name, 'package.json'))
    expect(dependencies['y-electric'], name).toBe(version)
    expect(dependencies['@y-electric/documents'], name).toBe(version)
  }
})

test('every example declares what it imports, since all are installed together in the test below', async () => {
  for (const name of names) {
    const folder = path.join(EXAMPLES, name)
    const { dependencies } = await readJson<Manifest>(path.join(folder, 'package.json'))
    for (const file of (await readdir(folder)).filter((one) => /\.tsx?$/.test(one))) {
      const text = await readFile(path.join(folder, file), 'utf8')
      for (const [, from = ''] of text.matchAll(/(?:from|import) '([^'.][^']*)'/g)) {
        const [scope = '', rest = ''] = from.split('/')
        expect(dependencies, `${name}/${file}`).toHaveProperty([
          scope.startsWith('@') ? `${scope}/${rest}` : scope,
        ])
      }
    }
  }
})

test('the files that examples share are the same in each of them', async () => {
  for (const file of [
    'person.ts',
    'status.ts',
    'page.ts',
    'page.css',
    'vite.config.js',
    'tsconfig.json',
  ]) {
    const texts = await Promise.all(
      names.map((name) => readFile(path.join(EXAMPLES, name, file), 'utf8').catch(() => null)),
    )
    const there = texts.filter((text) => text !== null)
    expect(there.length, file).toBeGreaterThan(1)
    expect(new Set(there).size, file).toBe(1)
  }
})

describe.runIf(process.env.Y_ELECTRIC_DEEP === '1')('an example', () => {
  let folder: string
  let browser: Browser

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-examples-'))
    const packed = path.join(folder, 'packed')
    await mkdir(packed)
    await install(folder, await packAll(packed))
    browser = await launchBrowser()
  }, INSTALL_MS)
  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  test.each(names)(
    '%s: two people write together, see their carets, undo only their own edits, reload, and work offline',
    async (name) => {
      const app = { folder: path.join(folder, name), port: await freePort() }
      await run('npm run types', app.folder)
      const running: Command[] = []
      const start = async (script: string, printed: RegExp) => {
        const command = startCommand(`npm run ${script}`, { PORT: String(app.port) }, app.folder)
        running.push(command)
        return { command, url: await addressIn(command, printed) }
      }
      try {
        const serve = () => start('server', /(http:\S+)/)
        const { command: server } = await serve()
        const { url } = await start('page', /Local: +(\S+)\//)
        const open = (person: string) => openPage(browser, url, person)
        await tellStory(DRIVERS[name] as Driver, {
          name,
          open,
          stopServer: () => server.interrupt(),
          startServer: serve,
        })
      } finally {
        for (const command of running) await command.end()
      }
    },
  )

  test('npm run dev starts the page and the server together', async () => {
    const port = String(await freePort())
    const command = startCommand('npm run dev', { PORT: port }, path.join(folder, 'kanban'))
    try {
      const page = await openPage(browser, await addressIn(command, /Local: +(\S+)\//), 'Ada')
      await says(page, '#status', 'Saved')
      await page.context().close()
    } finally {
      await command.end()
    }
  })
})

/** One installation for all examples, which share what they have in common. */
async function install(folder: string, tarballs: Tarballs): Promise<void> {
  for (const name of names) {
    await cp(path.join(EXAMPLES, name), path.join(folder, name), { recursive: true })
    await useTarballs(path.join(folder, name, 'package.json'), tarballs)
  }
  const manifest = { private: true, workspaces: names }
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest))
  await run('npm install --no-audit --no-fund', folder)
}

async function run(line: string, cwd: string): Promise<void> {
  const { code, output } = await runCommand(line, {}, cwd)
  expect(code, `${line}\n${output}`).toBe(0)
}

async function openPage(browser: Browser, url: string, person: string): Promise<Page> {
  const context = await browser.newContext()
  await context.addInitScript(`sessionStorage.name ??= ${JSON.stringify(person)}`)
  const page = await context.newPage()
  // A page with unsaved edits asks before it is left.
  page.on('dialog', (dialog) => void dialog.accept())
  await page.goto(url)
  return page
}
