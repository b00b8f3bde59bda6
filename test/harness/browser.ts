// Starts a Chromium for tests, and saves screenshots.
import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { type Browser, chromium, type LaunchOptions, type Page } from 'playwright-core'
import { artifactPath } from './artifacts.ts'
import { type ChromiumBinary, findChromium } from './chromiumBinary.ts'
import { isDeep } from './deep.ts'

const flags = [
  // Containers run as root and have no user namespaces. The tests load only pages of this repository.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
  // These names resolve to this machine, as they do after an attacker's DNS rebinding.
  `--host-resolver-rules=${['evil.test', 'notes.test', 'app.test'].map((name) => `MAP ${name} 127.0.0.1`)}`,
]

/**
 * A browser; `browser.newContext()` gives each person in a test a separate profile. Each test file starts its
 * own browser, which costs 0.15 s of processor time. Using a shared one through another process would cost a
 * file several times as much.
 */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch(await launchOptions())
}

let found: Promise<ChromiumBinary> | undefined

async function launchOptions(): Promise<LaunchOptions> {
  found ??= findChromium()
  const { executablePath, env } = await found
  return {
    executablePath,
    headless: true,
    args: flags,
    env: { ...definedOnly(process.env), ...env },
  }
}

export interface BrowserProcess {
  readonly browser: Browser
  /** Ends the browser as a crash would. When this resolves, all of its processes have ended. */
  kill(): Promise<void>
}

/** Starts a browser in a separate process, with a profile that stays on disk. */
export async function launchProfile(userDataDir: string): Promise<BrowserProcess> {
  found ??= findChromium()
  const { executablePath, env } = await found
  const child = spawn(
    executablePath,
    [
      ...flags,
      '--headless',
      '--remote-debugging-port=0',
      `--user-data-dir=${userDataDir}`,
      'about:blank',
    ],
    // The browser has its own process group, so that one signal ends all of its processes.
    {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...definedOnly(process.env), ...env },
    },
  )
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const kill = async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGKILL')
    }
    await ended
  }
  try {
    const browser = await chromium.connectOverCDP(await debuggerUrl(child.stderr))
    return { browser, kill }
  } catch (error) {
    await kill()
    throw error
  }
}

/** Chromium prints the address of its debugger. */
function debuggerUrl(stderr: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = ''
    stderr.on('data', (chunk) => {
      printed += chunk
      const found = /DevTools listening on (ws:\S+)/.exec(printed)?.[1]
      if (found !== undefined) resolve(found)
    })
    stderr.once('close', () => reject(new Error(`Chromium did not start:\n${printed}`)))
  })
}

/**
 * Saves a screenshot of the page as `.artifacts/<name>.png`, for people to look at. No test reads the file,
 * so this function saves one only with `Y_ELECTRIC_SCREENSHOTS=1` and in a deep run.
 */
export async function takeScreenshot(page: Page, name: string): Promise<void> {
  if (process.env.Y_ELECTRIC_SCREENSHOTS === '1' || isDeep) await saveScreenshot(page, name)
}

/** @returns the path of the screenshot */
export async function saveScreenshot(page: Page, name: string): Promise<string> {
  const file = artifactPath(`${name}.png`)
  await mkdir(path.dirname(file), { recursive: true })
  await page.screenshot({ path: file, fullPage: true, animations: 'disabled' })
  return file
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
