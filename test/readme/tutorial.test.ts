// docs/tutorial.md, followed literally in an empty folder, by two people in Chromium. Deep, because it installs and
// bundles an editor: Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/readme/tutorial
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { isDeep } from '../harness/deep.ts'
import { usePackedApps } from '../harness/packedApps.ts'
import { freePort } from '../harness/postgres.ts'
import { withTarballs } from '../harness/tarballs.ts'
import { applyDiff } from './diff.ts'
import { type Block, docsPage } from './readme.ts'
import { addressIn, type Command, runCommand, startCommand } from './shell.ts'

const tutorial = docsPage('tutorial')
const inSection = (step: number): Block[] =>
  tutorial.blocks.filter(({ heading }) => heading.startsWith(`${step}. `))
/** The file that a block names: `ts [main.ts]`. */
const fileOf = ({ info }: Block): string | undefined => /^\[(.+)\]$/.exec(info)?.[1]

test('every change that the tutorial makes to a file applies to the file before it', () => {
  const files = new Map<string, string>()
  for (const block of tutorial.blocks) {
    const file = fileOf(block)
    if (file === undefined) continue
    const before = files.get(file) ?? ''
    files.set(file, block.language === 'diff' ? applyDiff(before, block.content) : block.content)
  }
  expect([...files.keys()]).toEqual(['index.html', 'main.ts', 'vite.config.js'])
  expect(files.get('main.ts')).toContain('persistence: indexeddb()')
})

describe.runIf(isDeep)('the tutorial', () => {
  const apps = usePackedApps()
  let app: string
  /** The page names the default port, which another program of this machine may have. */
  let port: number
  const running: Command[] = []

  beforeAll(async () => {
    app = path.join(apps.folder, 'notes')
    await mkdir(app)
    port = await freePort()
  })
  afterAll(async () => {
    for (const command of running) await command.end()
  })

  const atPort = (text: string): string => text.replaceAll('127.0.0.1:4000', `127.0.0.1:${port}`)

  async function run(line: string): Promise<string> {
    const { code, output } = await runCommand(withTarballs(line, apps.tarballs), {}, app)
    expect(code, `${line}\n${output}`).toBe(0)
    return output
  }

  /** @returns the command, and the address that it prints */
  async function serve(line: string): Promise<{ command: Command; url: string }> {
    const command = startCommand(line, { PORT: String(port) }, app)
    running.push(command)
    return { command, url: await addressIn(command, /(http:\/\/[\w.]+:\d+)/) }
  }

  async function write(block: Block): Promise<void> {
    const file = path.join(app, fileOf(block) ?? '')
    if (block.language !== 'diff') await writeFile(file, atPort(block.content))
    else await writeFile(file, applyDiff(await readFile(file, 'utf8'), block.content))
  }

  test('followed literally, ends with a text that two people wrote, on their device and in the database', async () => {
    for (const { content } of inSection(1)) {
      for (const line of content.trim().split('\n')) await run(line)
    }
    for (const block of inSection(2)) await write(block)

    const [server = '', site = ''] = inSection(3).map(({ content }) => content.trim())
    let { command } = await serve(server)
    const { url } = await serve(site)
    const open = async (): Promise<Page> => {
      const page = await (await apps.browser.newContext()).newPage()
      await page.goto(url)
      return page
    }
    const [ada, bob] = [await open(), await open()]
    const text = (page: Page) => page.locator('.tiptap').textContent()
    const status = (page: Page) => page.locator('#status').textContent()
    const type = async (page: Page, words: string) => {
      await page.locator('.tiptap').click()
      await page.keyboard.press('Control+End')
      await page.keyboard.type(words)
    }
    await eventually(async () => expect(await status(ada)).toBe('Saved'))
    await type(ada, 'Written by Ada')
    await eventually(async () => expect(await text(bob)).toBe('Written by Ada'))
    await type(bob, ' and Bob')
    for (const page of [ada, bob]) {
      await eventually(async () => expect(await text(page)).toBe('Written by Ada and Bob'))
      await eventually(async () => expect(await status(page)).toBe('Saved'))
    }
    // Stop the server with Ctrl-C and start it again.
    await command.interrupt()
    command = (await serve(server)).command
    await type(bob, ', twice')
    await eventually(async () => expect(await text(ada)).toBe('Written by Ada and Bob, twice'))

    const [curl = ''] = inSection(4).map(({ content }) => atPort(content.trim()))
    const [address] = /(?<=")http[^"]+/.exec(curl) ?? []
    await eventually(async () =>
      expect((await (await fetch(String(address))).text()).trim()).toBe(
        'Written by Ada and Bob, twice',
      ),
    )

    for (const block of inSection(5)) await write(block)
    const carol = await open()
    await eventually(async () => expect(await text(carol)).toBe('Written by Ada and Bob, twice'))
    await eventually(async () => expect(await status(carol)).toBe('Saved'))
    await command.interrupt()
    await type(carol, ', offline')
    await eventually(async () => expect(await status(carol)).toBe('On this device'))
    await carol.reload()
    await eventually(async () =>
      expect(await text(carol)).toBe('Written by Ada and Bob, twice, offline'),
    )
    await serve(server)
    await eventually(async () => expect(await status(carol)).toBe('Saved'))
    expect((await (await fetch(String(address))).text()).trim()).toBe(
      'Written by Ada and Bob, twice, offline',
    )
  })
})
