// Starts one server with the editor, and makes one bundle of each page script, for all browser test files.
// Each test has its own documents, so files share no state.
import type { TestProject } from 'vitest/node'
import { bundleGuardLab, bundleLab, type PageScripts } from '../browser/bundle.ts'
import { startEditorServer } from '../browser/editorServer.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of the server with the editor, without the mount point. */
    editorUrl: string
    labScripts: PageScripts
    guardScripts: PageScripts
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [editor, labScripts, guardScripts] = await Promise.all([
    startEditorServer(project.getProvidedContext().databaseUrl),
    bundleLab(),
    bundleGuardLab(),
  ])
  project.provide('editorUrl', editor.url)
  project.provide('labScripts', labScripts)
  project.provide('guardScripts', guardScripts)
  return () => editor.stop()
}
