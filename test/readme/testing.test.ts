// Runs the unchanged snippets of docs/testing.md: together they are a test file, which registers its tests here.
import { afterAll, test } from 'vitest'
import { isDeep } from '../harness/deep.ts'
import { testingSnippets } from './readme.ts'
import { openSnippetFolder } from './snippets.ts'

// They create a database in memory, which takes PGlite five seconds of processor time. By default
// test/documents/testServer.test.ts checks the server of the page, on a native Postgres.
if (isDeep) {
  const folder = await openSnippetFolder()
  await import(await folder.write('app.ts', testingSnippets()))
  afterAll(() => folder.remove())
} else test.skip('the snippets of docs/testing.md run unchanged')
