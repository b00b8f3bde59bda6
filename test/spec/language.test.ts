// The rules for text that a machine can check (CONTRIBUTING.md: name the actor).
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { headlessInCode, headlessInMarkdown } from './sentences.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const FOLDERS = ['packages', 'apps', 'test', 'tools', 'docs', 'examples']
const SKIPPED = new Set(['node_modules', 'dist', 'data', '.artifacts', '.turbo'])

/** This file has the examples, and `sentences.ts` describes them. */
const EXAMPLES = new Set(['test/spec/language.test.ts', 'test/spec/sentences.ts'])

function filesOf(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return []
    const file = `${folder}/${entry.name}`
    return entry.isDirectory() ? filesOf(file) : [file]
  })
}

test('no comment, test name, message or page has a sentence that begins with who or what in place of a subject', () => {
  const pages = readdirSync(ROOT).filter((name) => name.endsWith('.md'))
  const files = [...pages, ...FOLDERS.flatMap(filesOf)].filter(
    (file) => /\.(?:tsx?|mjs|md)$/.test(file) && !EXAMPLES.has(file),
  )
  expect(files.length).toBeGreaterThan(1_000)
  const found = files.flatMap((file) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8')
    const sentences = file.endsWith('.md') ? headlessInMarkdown(text) : headlessInCode(text)
    return sentences.map((sentence) => `${file}: ${sentence}`)
  })
  expect(found).toEqual([])
})

describe('the check', () => {
  test.each([
    ['a comment', '// Who may not write\n// does not stand.\nrun()'],
    ['a docstring', '/**\n * Sends edits. What waits behind\n * them is sent too.\n */'],
    ['a test name', "test('what waits is sent last', () => {})"],
    ['a message', 'throw new Error(`Whoever asks is ' + '$' + '{unknown} here`)'],
    ['a text of a page', '<p>What is stored is shown</p>'],
  ])('finds a headless sentence in %s', (_, source) => {
    expect(headlessInCode(source)).toHaveLength(1)
  })

  test.each([
    ['a paragraph', 'A sentence. Whatever\nit holds is kept.\n'],
    ['a list', '- Who leads is known.\n'],
    ['a table', '| name | what happens to it |\n'],
    ['a snippet', '```ts\n// What the app wants is written.\nrun()\n```\n'],
  ])('finds a headless sentence in %s', (_, page) => {
    expect(headlessInMarkdown(page)).toHaveLength(1)
  })

  test('accepts questions, and these words inside of a sentence', () => {
    const source =
      "// What is stored?\n/** Says who writes, and what. */\ntest('a row says what it holds', f)\nconst part = 'what it holds'"
    expect(headlessInCode(source)).toEqual([])
    expect(headlessInMarkdown('# What to set\n\nIt says what to set.\n')).toEqual([])
  })
})
