// `npx @y-electric/documents` from the published packages, in an empty folder. Deep, because it installs them:
//   Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/packages/command
import { mkdtemp, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { isDeep } from '../harness/deep.ts'
import { usePackedApps } from '../harness/packedApps.ts'
import { freePort } from '../harness/postgres.ts'
import { withTarballs } from '../harness/tarballs.ts'
import { addressIn, runCommand, startCommand } from '../readme/shell.ts'

describe.runIf(isDeep)('the command of the published packages', () => {
  const apps = usePackedApps()
  let app: string

  beforeAll(async () => {
    app = await mkdtemp(path.join(apps.folder, 'app-'))
    await writeFile(path.join(app, 'package.json'), '{ "private": true }')
    const wanted = 'npm install --no-audit --no-fund @y-electric/documents'
    const install = withTarballs(wanted, apps.tarballs)
    const { code, output } = await runCommand(install, {}, app)
    expect(code, output).toBe(0)
  })

  /** Starts the command as a user does, in whose folder npm has installed it. */
  async function serve(
    args: string,
    use: (url: string) => Promise<void>,
    name = '@y-electric/documents',
  ): Promise<void> {
    const env = { PORT: String(await freePort()), npm_config_offline: 'true' }
    const command = startCommand(`npx ${name}${args}`, env, app)
    try {
      await use(await addressIn(command, /(http:\/\/[\w.]+:\d+)/))
    } finally {
      await command.end()
    }
  }

  test('serves an editor in which two people write one document, and every file that its page needs', async () => {
    await serve('', async (url) => {
      const missing: string[] = []
      const open = async (): Promise<Page> => {
        const page = await (await apps.browser.newContext()).newPage()
        page.on('response', (answer) => {
          if (answer.status() >= 400) missing.push(answer.url())
        })
        await page.goto(`${url}/d/notes`)
        await page.locator('.prose').waitFor()
        return page
      }
      const [ada, bob] = [await open(), await open()]
      await ada.locator('.prose').click()
      await ada.keyboard.type('Written by Ada')
      await eventually(async () =>
        expect(await bob.locator('.prose').textContent()).toContain('Written by Ada'),
      )
      for (const page of [ada, bob]) await page.context().close()
      expect(missing).toEqual([])
      expect((await fetch(`${url}/licenses.md`)).status).toBe(200)
    })
  })

  test('serves the API alone with --no-editor', async () => {
    await serve(' serve --no-editor', async (url) => {
      expect((await fetch(url)).status).toBe(404)
      expect((await fetch(`${url}/api/health`)).status).toBe(200)
    })
  })

  test('is run by the package of the server too', async () => {
    const isHealthy = async (url: string) =>
      expect((await fetch(`${url}/api/health`)).status).toBe(200)
    await serve(' serve --no-editor', isHealthy, '@y-electric/server')
  })
})
