import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, saveScreenshot } from '../harness/browser.ts'
import { buildOnce } from '../harness/buildOnce.ts'
import { unpackChromium } from '../harness/chromiumBinary.ts'
import { isDeep } from '../harness/deep.ts'
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

test('two contexts of one browser share nothing, and a screenshot is saved', async () => {
  const browser = await launchBrowser()
  try {
    const [first, second] = await Promise.all([browser.newContext(), browser.newContext()])
    const [ada, bob] = await Promise.all([first.newPage(), second.newPage()])
    await Promise.all([ada.goto(url), bob.goto(url)])
    await ada.evaluate("localStorage.setItem('name', 'Ada')")
    expect(await ada.title()).toBe('y-electric')
    expect(await bob.evaluate("localStorage.getItem('name')")).toBeNull()

    const picture = await saveScreenshot(ada, 'harness')
    expect((await stat(picture)).size).toBeGreaterThan(1_000)
  } finally {
    await browser.close()
  }
})

test('text has a width in every generic font family and script that the tests use', async () => {
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage()
    await page.goto(url)
    const widths = await page.evaluate(() => {
      const measure = document.createElement('canvas').getContext('2d')
      const samples = {
        latin: 'wimlil',
        hebrew: 'שלום',
        greek: 'λόγος',
        cyrillic: 'слово',
        symbols: '→ ✓ …',
      }
      const width = (family: string, text: string): number => {
        if (!measure) throw new Error('this Chromium has no canvas')
        measure.font = `20px ${family}`
        return measure.measureText(text).width
      }
      return Object.entries(samples).map(([script, text]) => ({
        script,
        serif: width('serif', text),
        sans: width('sans-serif', text),
        mono: width('monospace', text),
        narrow: width('monospace', 'iiii'),
        wide: width('monospace', 'mmmm'),
      }))
    })
    for (const { script, serif, sans, mono, narrow, wide } of widths) {
      expect(Math.min(serif, sans, mono), script).toBeGreaterThan(20)
      expect(narrow, 'a monospace font').toBe(wide)
    }
    // There are three fonts, not one that replaces the other two.
    const [latin] = widths
    expect(new Set([latin?.serif, latin?.sans, latin?.mono]).size).toBe(3)
  } finally {
    await browser.close()
  }
})

/** A machine without a Chromium unpacks it for the other files of this folder. */
test.runIf(isDeep && os.platform() === 'linux' && os.arch() === 'x64')(
  'the packed Chromium is unpacked completely',
  async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-unpack-'))
    try {
      const { executablePath } = await unpackChromium(folder)
      expect(await readdir(folder)).toHaveLength(1)
      expect((await stat(executablePath)).size).toBeGreaterThan(100_000_000)
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)

test('processes that build the same thing concurrently all get a complete result, and one result remains', async () => {
  const parent = await mkdtemp(path.join(os.tmpdir(), 'y-electric-once-'))
  try {
    let begun = 0
    let beginAll = () => {}
    const allHaveBegun = new Promise<void>((resolve) => {
      beginAll = resolve
    })
    const build = async (unfinished: string) => {
      await writeFile(path.join(unfinished, 'first'), 'first')
      begun += 1
      if (begun === 3) beginAll()
      await allHaveBegun
      await writeFile(path.join(unfinished, 'last'), 'last')
    }
    const wanted = path.join(parent, 'thing')
    const found = await Promise.all([1, 2, 3].map(() => buildOnce(wanted, build)))
    expect(new Set(found)).toEqual(new Set([wanted]))
    expect(await readdir(parent)).toEqual(['thing'])
    expect((await readdir(wanted)).sort()).toEqual(['first', 'last'])
    // A later process finds the result and does not build.
    await buildOnce(wanted, () => Promise.reject(new Error('the result exists already')))
  } finally {
    await rm(parent, { recursive: true })
  }
})
