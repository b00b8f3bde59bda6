// A Chromium for tests, and where they leave their screenshots.
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findChromium } from './chromiumBinary.ts'

const artifacts = path.resolve(import.meta.dirname, '../../.artifacts')

const flags = [
  // Containers run as root and have no user namespaces; the pages are our own.
  '--no-sandbox',
  '--no-zygote',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
]

/** A fresh browser; `browser.newContext()` gives each person in a test a profile of their own. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, env } = await findChromium()
  return chromium.launch({
    executablePath,
    headless: true,
    args: flags,
    env: { ...definedOnly(process.env), ...env },
  })
}

/** Saves what the page shows as `.artifacts/<name>.png` and answers where that is. */
export async function takeScreenshot(page: Page, name: string): Promise<string> {
  const file = artifactPath(`${name}.png`)
  await mkdir(path.dirname(file), { recursive: true })
  await page.screenshot({ path: file, fullPage: true, animations: 'disabled' })
  return file
}

/** A path below `.artifacts/`, which git does not see. */
export function artifactPath(name: string): string {
  return path.join(artifacts, name)
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
