// Apps that `npm create y-electric` makes, from the packed packages, used in Chromium. Deep, because each installs and
// bundles a framework: Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/packages/create
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import { describe, expect, inject, test } from 'vitest'
import { currentVersion, readJson } from '../../tools/release/stage.ts'
import { eventually } from '../e2e/eventually.ts'
import { isDeep } from '../harness/deep.ts'
import { noteFigure } from '../harness/figures.ts'
import { usePackedApps } from '../harness/packedApps.ts'
import { createDatabase, freePort } from '../harness/postgres.ts'
import { useTarballs } from '../harness/tarballs.ts'
import { root } from '../readme/readme.ts'
import { addressIn, type Command, runCommand, startCommand } from '../readme/shell.ts'

/** Each framework and each editor twice. Unit tests check the files of every combination. */
const COMBINATIONS = [
  ['react', 'tiptap', 'node'],
  ['vue', 'codemirror', 'node'],
  ['svelte', 'tiptap', 'node'],
  ['vanilla', 'codemirror', 'node'],
  ['react', 'tiptap', 'next'],
] as const

/** Where each server prints the address of the page, in development and after a build. */
const ADDRESSES = {
  node: { dev: /Local: +(\S+)\//, start: /(http:\S+)/ },
  next: { dev: /Local: +(\S+)/, start: /Local: +(\S+)/ },
} as const

test('the command writes an app, and ends with exit code 2 if its folder is not empty', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-create-'))
  try {
    const bin = path.join(root, 'packages/create-y-electric/bin/create-y-electric.js')
    const create = () => runCommand(`${process.execPath} ${bin} my-app`, {}, folder)
    const first = await create()
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining('npm run dev') })
    const manifest = await readJson<{ dependencies: Record<string, string> }>(
      path.join(folder, 'my-app/package.json'),
    )
    expect(manifest.dependencies['y-electric']).toBe(await currentVersion())
    const second = await create()
    expect(second).toMatchObject({ code: 2, output: expect.stringContaining('is not empty') })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

describe.runIf(isDeep)('npm create y-electric', () => {
  const apps = usePackedApps()

  test.each(COMBINATIONS)(
    'makes an app with %s and %s on %s that runs at once, saves what two people write, and takes another Postgres',
    async (framework, editor, server) => {
      const parent = path.join(apps.folder, `${framework}-${editor}-${server}`)
      const app = path.join(parent, 'my-app')
      await mkdir(parent)
      const run = async (line: string, cwd = app) => {
        const { code, output } = await runCommand(line, {}, cwd)
        expect(code, `${line}\n${output}`).toBe(0)
      }
      const createdAt = performance.now()
      const create = `npx --yes --package ${apps.tarballs.get('create-y-electric')} create-y-electric`
      await run(
        `${create} my-app --framework ${framework} --editor ${editor} --server ${server}`,
        parent,
      )
      await useTarballs(path.join(app, 'package.json'), apps.tarballs)
      const installFrom = performance.now()
      await run('npm install')
      const installSeconds = (performance.now() - installFrom) / 1000
      const port = await freePort()
      const api = `http://127.0.0.1:${port}/api/docs/notes?format=text`
      const stored = async () => (await (await fetch(api)).text()).trim()
      await withCommand('npm run dev', { PORT: String(port) }, app, async (command) => {
        const url = await addressIn(command, ADDRESSES[server].dev)
        const [ada, bob] = [await open(apps.browser, url), await open(apps.browser, url)]
        await type(ada, 'N')
        await eventually(async () => expect(await stored()).toBe('N'))
        const seconds = (performance.now() - createdAt) / 1000
        await noteFigure(
          `npm create y-electric, ${framework} and ${editor} on ${server}, to the first saved letter`,
          `${seconds.toFixed(1)} s, ${installSeconds.toFixed(1)} s of them npm install`,
        )
        await type(ada, 'otes')
        await eventually(async () => expect(await writtenIn(bob)).toBe('Notes'))
        await bob.locator('#name').fill('Bob Baker')
        await eventually(async () =>
          expect((await ada.locator('#others').textContent())?.trim()).toBe('With Bob Baker'),
        )
        for (const page of [ada, bob]) await showsSaved(page)
        for (const page of [ada, bob]) await page.context().close()
      })

      if (framework === 'react' || framework === 'vanilla') await run('npm run types')
      await run('npm run build')
      const database = await createDatabase(inject('databaseUrl'))
      const env = { PORT: String(port), DATABASE_URL: database.url }
      const pool = new pg.Pool({ connectionString: database.url })
      try {
        await withCommand('npm start', env, app, async (command) => {
          const page = await open(apps.browser, await addressIn(command, ADDRESSES[server].start))
          await showsSaved(page)
          await type(page, 'In Postgres')
          await eventually(async () => expect(await stored()).toBe('In Postgres'))
          const { rows } = await pool.query('SELECT DISTINCT doc_id FROM ydoc_update')
          expect(rows).toEqual([{ doc_id: 'notes' }])
          await page.context().close()
        })
      } finally {
        await pool.end()
        await database.drop()
      }
    },
  )
})

async function withCommand(
  line: string,
  env: Readonly<Record<string, string>>,
  cwd: string,
  use: (command: Command) => Promise<void>,
): Promise<void> {
  const command = startCommand(line, env, cwd)
  try {
    await use(command)
  } finally {
    await command.end()
  }
}

const EDITABLE = '.tiptap, .cm-content'

async function open(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(url)
  await page.locator(EDITABLE).waitFor()
  return page
}

async function type(page: Page, text: string): Promise<void> {
  await page.locator(EDITABLE).click()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(text)
}

/** The text, without the names beside the carets of others. */
const writtenIn = (page: Page): Promise<string> =>
  page.locator(EDITABLE).evaluate((element) => {
    const copy = element.cloneNode(true) as Element
    for (const caret of copy.querySelectorAll('.collaboration-carets__caret, .cm-ySelectionCaret'))
      caret.remove()
    return copy.textContent?.replaceAll('\u2060', '') ?? ''
  })

const showsSaved = (page: Page): Promise<void> =>
  eventually(async () => expect(await page.locator('#status').textContent()).toBe('Saved'))
