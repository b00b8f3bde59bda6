// SPEC.md names code and tests. All of them must exist, the code must cite its rule, and every
// citation must name a rule.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8')

interface Rule {
  readonly id: string
  readonly title: string
  readonly code: readonly string[]
  readonly tests: readonly { readonly file: string; readonly name: string }[]
}

/** Parses the rules of the page. Each has a heading, and lists of code and tests. */
function rulesOf(page: string): Rule[] {
  return page
    .split(/^### /m)
    .slice(1)
    .flatMap((section) => {
      const [, id, title] = /^([A-Z]+-\d+): (.+)$/m.exec(section) ?? []
      if (id === undefined || title === undefined) return []
      const code = /^- Code: ([\s\S]*?)^- /m.exec(section)?.[1] ?? ''
      const tests = /^- Tests: ([\s\S]*?)(?:\n\n|$(?![\s\S]))/m.exec(section)?.[1] ?? ''
      return {
        id,
        title,
        code: [...code.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
        tests: [...tests.matchAll(/`([^`]+)`:\s+"([^"]+)"/g)].map(([, file = '', name = '']) => ({
          file,
          name,
        })),
      }
    })
}

const hasTest = (source: string, name: string): boolean =>
  ["'", '"', '`'].some((quote) => source.includes(quote + name + quote))

const rules = rulesOf(read('SPEC.md'))
const ids = new Set(rules.map(({ id }) => id))

/** The kinds of rules; a citation begins with one of them. */
const kinds = [...new Set([...ids].map((id) => id.replace(/-\d+$/, '')))]
const CITATION = new RegExp(`(?<![\\w-])(?:${kinds.join('|')})-\\d+\\b`, 'g')

function sources(): string[] {
  const skipped = new Set(['node_modules', 'dist', '.artifacts', '.turbo'])
  const walk = (folder: string): string[] =>
    readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
      if (skipped.has(entry.name)) return []
      const file = `${folder}/${entry.name}`
      if (entry.isDirectory()) return walk(file)
      return /\.(tsx?|sql|md)$/.test(file) ? [file] : []
    })
  return [
    ...['packages', 'apps', 'test', 'tools', 'docs'].flatMap(walk),
    'README.md',
    'THREAT_MODEL.md',
  ]
}

describe('each rule', () => {
  test('is written once, with code and tests', () => {
    expect(rules.length).toBeGreaterThanOrEqual(15)
    expect(ids.size).toBe(rules.length)
    for (const { id, code, tests } of rules) {
      expect(code.length, `${id} names no code`).toBeGreaterThan(0)
      expect(tests.length, `${id} names no test`).toBeGreaterThan(0)
    }
  })

  test.each(rules)('$id: the code that it names exists and cites it', ({ id, code }) => {
    for (const file of code) expect(existsSync(path.join(ROOT, file)), file).toBe(true)
    const citing = code.filter((file) => read(file).includes(id))
    // A shipped migration is never changed, so it cannot cite a rule.
    expect(citing).toEqual(code.filter((file) => !file.endsWith('.sql')))
  })

  test.each(rules.flatMap(({ id, tests }) => tests.map((one) => ({ id, ...one }))))(
    '$id: $file has the test "$name"',
    ({ file, name }) => {
      expect(existsSync(path.join(ROOT, file)), file).toBe(true)
      expect(hasTest(read(file), name), `${file} has no such test`).toBe(true)
    },
  )
})

test('every citation in code, tests and docs names a rule by its id', () => {
  const files = sources()
  expect(files.length).toBeGreaterThan(500)
  const own = path.relative(ROOT, import.meta.filename)
  for (const file of files.filter((one) => one !== own)) {
    const text = read(file)
    for (const [id] of text.matchAll(CITATION))
      expect([...ids], `${file} cites ${id}`).toContain(id)
    expect(/\brules? \[?\d/i.exec(text)?.[0], `${file} cites a rule by a number`).toBeUndefined()
  }
})

test('every guarantee of the README names its rules', () => {
  const section =
    /^## What is guaranteed[^\n]*\n([\s\S]*?)\n\n[^\d ]/m.exec(read('README.md'))?.[1] ?? ''
  const guarantees = section.split(/^\d+\. /m).slice(1)
  expect(guarantees.length).toBeGreaterThanOrEqual(5)
  for (const guarantee of guarantees) {
    const cited = guarantee.match(CITATION) ?? []
    expect(cited.length, guarantee).toBeGreaterThan(0)
    for (const id of cited) expect([...ids]).toContain(id)
  }
})

test('ARCHITECTURE.md names only files and folders that exist', () => {
  const bases = [
    '',
    'packages/y-electric/src',
    'packages/server/src',
    'packages/documents/src',
    'packages',
  ]
  const named = [...read('ARCHITECTURE.md').matchAll(/`([\w.-]+(?:\/[\w.-]+)*)`/g)]
    .map(([, name = '']) => name)
    .filter((name) => name.includes('/') || name.endsWith('.ts'))
  expect(named.length).toBeGreaterThan(20)
  for (const name of named) {
    const isThere = bases.some((base) => existsSync(path.join(ROOT, base, name)))
    expect(isThere, `${name} does not exist`).toBe(true)
  }
})

describe('the check', () => {
  const page =
    '### KEEP-9: Kept\n\nText.\n\n- Code: `a.ts`,\n  `b.ts`\n- Tests: `c.test.ts`: "one";\n  `d.test.ts`: "two"\n\n## Next\n'

  test('reads a rule with all its files and tests', () => {
    expect(rulesOf(page)).toEqual([
      {
        id: 'KEEP-9',
        title: 'Kept',
        code: ['a.ts', 'b.ts'],
        tests: [
          { file: 'c.test.ts', name: 'one' },
          { file: 'd.test.ts', name: 'two' },
        ],
      },
    ])
  })

  test('finds citations, and accepts no other word as one', () => {
    expect('(KEEP-9) T-FOLD-1 UTF-8 ACK-12'.match(CITATION)).toEqual(['KEEP-9', 'ACK-12'])
  })

  test('finds that a test is missing', () => {
    expect(hasTest("test('one', () => {})", 'one')).toBe(true)
    expect(hasTest("test('one', () => {})", 'on')).toBe(false)
  })
})
