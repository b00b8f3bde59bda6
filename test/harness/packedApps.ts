// The parts that tests of installed apps share: an empty folder, the packed packages in it, and a Chromium.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { launchBrowser } from './browser.ts'
import { packAll, type Tarballs } from './tarballs.ts'

export interface PackedApps {
  /** The folder for the apps. It holds the tarballs too. */
  readonly folder: string
  readonly tarballs: Tarballs
  readonly browser: Browser
}

/** How long an install may take, in milliseconds. The packages of some frameworks are large. */
export const INSTALL_MS = 900_000

/** Makes these parts before the tests of a `describe`, and removes them afterwards. */
export function usePackedApps(): PackedApps {
  let folder = ''
  let tarballs: Tarballs = new Map()
  let browser: Browser | undefined

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-apps-'))
    tarballs = await packAll(folder)
    browser = await launchBrowser()
  }, INSTALL_MS)
  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  return {
    get folder() {
      return folder
    },
    get tarballs() {
      return tarballs
    },
    get browser() {
      if (browser === undefined) throw new Error('the browser starts before the first test')
      return browser
    },
  }
}
