// THREAT_MODEL.md and SECURITY.md name files and tests. Each must exist, and each rule must have a test.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const PAGES = ['THREAT_MODEL.md', 'SECURITY.md'] as const
const texts = new Map(PAGES.map((page) => [page, readFileSync(join(ROOT, page), 'utf8')]))
const textOf = (page: (typeof PAGES)[number]): string => texts.get(page) ?? ''

const TEST_FILE = /`([\w./-]+\.test\.tsx?)`/g
const NAMED_TEST = /`([\w./-]+\.test\.tsx?)`: "([^"]+)"/g
const RULE = /^\| (T-[A-Z]+-\d+) \| (.+) \| (.*)\|$/gm

const named = PAGES.flatMap((page) =>
  [...textOf(page).matchAll(NAMED_TEST)].map(([, file = '', name = '']) => [file, name] as const),
)
const rules = [...textOf('THREAT_MODEL.md').matchAll(RULE)].map(
  ([, id = '', what = '', heldBy = '']) => ({ id, what, heldBy }),
)

/** Whether a file has a test of this name: the first argument of `test`, `it` or a table of cases. */
function hasTest(file: string, name: string): boolean {
  const source = readFileSync(join(ROOT, file), 'utf8')
  return ["'", '"', '`'].some((quote) => source.includes(quote + name + quote))
}

test.each(named)('%s has the test "%s"', (file, name) => {
  expect(existsSync(join(ROOT, file)), `${file} does not exist`).toBe(true)
  expect(hasTest(file, name), `${file} has no such test`).toBe(true)
})

test('each mention of a test file names a test', () => {
  for (const page of PAGES) {
    const files = [...textOf(page).matchAll(TEST_FILE)].map(([, file]) => file)
    const withTests = [...textOf(page).matchAll(NAMED_TEST)].map(([, file]) => file)
    // The page mentions this file, which checks it.
    const others = files.filter((file) => file !== 'test/security/threat-model.test.ts')
    expect(others).toEqual(withTests)
  }
})

test('the check finds that a test is missing', () => {
  const [first] = named
  if (first === undefined) throw new Error('no test is named')
  expect(hasTest(first[0], 'no test has this name')).toBe(false)
})

describe('each rule', () => {
  test('appears once', () => {
    const ids = rules.map(({ id }) => id)
    expect(ids.length).toBeGreaterThan(15)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test.each(rules)('$id has a test', ({ what, heldBy }) => {
    expect([...heldBy.matchAll(NAMED_TEST)].length).toBeGreaterThan(0)
    expect(what).not.toMatch(/pending/)
  })

  test('exists if a page mentions it', () => {
    const ids = new Set(rules.map(({ id }) => id))
    for (const page of PAGES) {
      for (const [id] of textOf(page).matchAll(/T-[A-Z]+-\d+/g)) expect([...ids]).toContain(id)
    }
  })
})

test('links of these pages lead to files that exist', () => {
  for (const page of PAGES) {
    for (const [, target = ''] of textOf(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      expect(existsSync(join(ROOT, target)), `${page} links to ${target}`).toBe(true)
    }
  }
})
