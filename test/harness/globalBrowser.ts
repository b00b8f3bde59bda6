// One Chromium, one server with the editor and one bundle of each page script for all browser test
// files. Each person in a test has a separate profile (`browser.newContext()`), and each test has
// its own documents, so files share no state.
import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { bundleGuardLab, bundleLab, type PageScripts } from '../browser/bundle.ts'
import { startEditorServer } from '../browser/editorServer.ts'
import { launchOptions } from './browser.ts'

declare module 'vitest' {
  interface ProvidedContext {
    browserUrl: string
    /** The URL of the server with the editor, without the mount point. */
    editorUrl: string
    labScripts: PageScripts
    guardScripts: PageScripts
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [browser, editor, labScripts, guardScripts] = await Promise.all([
    chromium.launchServer(await launchOptions()),
    startEditorServer(project.getProvidedContext().databaseUrl),
    bundleLab(),
    bundleGuardLab(),
  ])
  project.provide('browserUrl', browser.wsEndpoint())
  project.provide('editorUrl', editor.url)
  project.provide('labScripts', labScripts)
  project.provide('guardScripts', guardScripts)
  return async () => {
    await Promise.all([browser.close(), editor.stop()])
  }
}
