// One Chromium for all browser test files, and one bundle of the page that most of them open. Each
// person in a test has a profile of their own (`browser.newContext()`), so files share nothing.
import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { bundleLab } from '../browser/bundle.ts'
import { launchOptions } from './browser.ts'

declare module 'vitest' {
  interface ProvidedContext {
    browserUrl: string
    labScript: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [server, labScript] = await Promise.all([
    chromium.launchServer(await launchOptions()),
    bundleLab(),
  ])
  project.provide('browserUrl', server.wsEndpoint())
  project.provide('labScript', labScript)
  return () => server.close()
}
