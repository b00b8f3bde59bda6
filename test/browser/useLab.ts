// The set-up of tests on the lab page: a server of the page, a browser, and profiles for each test.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { type TestBackend, useBackend } from '../e2e/server.ts'
import { launchBrowser } from '../harness/browser.ts'
import type {} from './lab.ts'
import { type PageServer, servePage } from './pageServer.ts'

/** Waits until the script of the lab page has run. */
export const whenLabRuns = (page: Page) => page.waitForFunction(() => typeof lab === 'object')

/** Serves the lab page on a database of the file. Tests that start their own browsers use it alone. */
export function useLabServer() {
  const backend = useBackend()
  let server: PageServer | undefined
  beforeAll(async () => {
    server = await servePage(backend.current)
  })
  afterAll(async () => {
    await server?.close()
    server = undefined
  })
  const open = (): PageServer => {
    if (server === undefined) throw new Error('the lab page is only served while tests run')
    return server
  }
  return {
    get backend(): TestBackend {
      return backend.current
    },
    /** The address of the page. */
    get url(): string {
      return open().url
    },
    /** Requested paths below `/api`, oldest first. */
    get requests(): readonly string[] {
      return open().requests
    },
    /** Opens the lab page in a new tab of a profile. */
    async openTab(profile: BrowserContext): Promise<Page> {
      const page = await profile.newPage()
      await page.goto(open().url)
      await whenLabRuns(page)
      return page
    },
  }
}

/** The lab page and one browser for all tests of a file. */
export function useLab() {
  const site = useLabServer()
  const profiles: BrowserContext[] = []
  let browser: Browser | undefined
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterEach(async () => {
    await Promise.all(profiles.splice(0).map((profile) => profile.close()))
  })
  afterAll(async () => {
    await browser?.close()
    browser = undefined
  })
  /** A browser profile. It stays open for all tests of the file, unless the caller closes it. */
  const keepProfile = async (): Promise<BrowserContext> => {
    if (browser === undefined) throw new Error('the browser is only open while tests run')
    return browser.newContext()
  }
  /** A browser profile that is closed after the test. */
  const newProfile = async (): Promise<BrowserContext> => {
    const profile = await keepProfile()
    profiles.push(profile)
    return profile
  }
  return Object.assign(site, { keepProfile, newProfile })
}
