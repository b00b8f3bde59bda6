import { common } from 'lowlight'
import { expect, test } from 'vitest'
import { createHighlighter } from './grammars.ts'
import { choicesFor, LANGUAGES, languageOf } from './languages.ts'

test('the languages to choose are those that are coloured, with the names that the grammars know', () => {
  expect(LANGUAGES.map(({ id }) => id).sort()).toEqual(Object.keys(common).sort())
  const highlighter = createHighlighter()
  for (const { id, aliases } of LANGUAGES) {
    for (const name of [id, ...aliases]) expect(highlighter.registered(name), name).toBe(true)
  }
})

test('the languages are in the order of their labels, and no two have the same name', () => {
  const labels = LANGUAGES.map(({ label }) => label)
  expect(labels).toEqual(labels.toSorted((a, b) => a.localeCompare(b, 'en')))
  const names = LANGUAGES.flatMap(({ id, aliases }) => [id, ...aliases])
  expect(new Set(names).size).toBe(names.length)
})

test('a language is known by its name and its other names', () => {
  expect(languageOf('ts')?.label).toBe('TypeScript')
  expect(languageOf('TypeScript')?.label).toBe('TypeScript')
  expect(languageOf('mermaid')).toBe(null)
  expect(languageOf('')).toBe(null)
})

test('the list of a code block has the name that the code block stores', () => {
  const values = (stored: string) => choicesFor(stored).map(({ value }) => value)
  expect(values('')).toContain('typescript')
  expect(values('ts')).toContain('ts')
  expect(values('ts')).not.toContain('typescript')
  expect(choicesFor('mermaid')[1]).toEqual({ value: 'mermaid', label: 'mermaid' })
  expect(values('mermaid')).toContain('typescript')
})
