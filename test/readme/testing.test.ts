// Runs the unchanged snippets of docs/testing.md: together they are a test file, which registers its tests here.
import { afterAll } from 'vitest'
import { testingSnippets } from './readme.ts'
import { openSnippetFolder } from './snippets.ts'

const folder = await openSnippetFolder()
await import(await folder.write('app.ts', testingSnippets()))
afterAll(() => folder.remove())
