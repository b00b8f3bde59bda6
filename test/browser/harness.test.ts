import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, takeScreenshot } from '../harness/browser.ts'
import { unpackChromium } from '../harness/chromiumBinary.ts'
import { freePort } from '../harness/postgres.ts'

const server = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html')
  response.end('<title>y-electric</title><h1>Two people</h1>')
})
let url = ''

beforeAll(async () => {
  const port = await freePort()
  url = `http://127.0.0.1:${port}/`
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

test('two contexts of one browser share nothing, and a screenshot is kept', async () => {
  const browser = await launchBrowser()
  try {
    const [first, second] = await Promise.all([browser.newContext(), browser.newContext()])
    const [ada, bob] = await Promise.all([first.newPage(), second.newPage()])
    await Promise.all([ada.goto(url), bob.goto(url)])
    await ada.evaluate("localStorage.setItem('name', 'Ada')")
    expect(await ada.title()).toBe('y-electric')
    expect(await bob.evaluate("localStorage.getItem('name')")).toBeNull()

    const picture = await takeScreenshot(ada, 'harness')
    expect((await stat(picture)).size).toBeGreaterThan(1_000)
  } finally {
    await browser.close()
  }
})

test.runIf(os.platform() === 'linux' && os.arch() === 'x64')(
  'processes that unpack Chromium at the same time all get a whole one',
  async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-unpack-'))
    try {
      const found = await Promise.all([unpackChromium(folder), unpackChromium(folder)])
      expect(new Set(found.map((one) => one.executablePath)).size).toBe(1)
      expect(await readdir(folder)).toHaveLength(1)
      for (const { executablePath } of found) {
        expect((await stat(executablePath)).size).toBeGreaterThan(100_000_000)
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)
