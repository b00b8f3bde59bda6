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
  /** The assumption on which the rule rests; empty if none is named. */
  readonly restsOn: string
  /** The heading of the README's guarantee that promises the rule; null if none does. */
  readonly guarantee: string | null
}

/** A guarantee of the README: its heading, and the ids of its rules. */
interface Guarantee {
  readonly heading: string
  readonly ids: readonly string[]
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
        restsOn: /^- Rests on: (.+)/m.exec(section)?.[1] ?? '',
        guarantee: /^- Guaranteed in the README: "(.+)"$/m.exec(section)?.[1] ?? null,
        code: [...code.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
        tests: [...tests.matchAll(/`([^`]+)`:\s+"([^"]+)"/g)].map(([, file = '', name = '']) => ({
          file,
          name,
        })),
      }
    })
}

/** True if the source has a test or a group of tests with this name, which is not skipped. */
function hasTest(source: string, name: string): boolean {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  // The argument of a call, or the first value of a row of `test.each`.
  const use = new RegExp(`([\\w.]*[(\\[]|\\bname:)\\s*(['"\`])${escaped}\\2`, 'g')
  return [...source.matchAll(use)].some(([, before = '']) => !/\.(skip|todo)\($/.test(before))
}

function guaranteesOf(readme: string): Guarantee[] {
  const section = /^## What is guaranteed[^\n]*\n([\s\S]*?)\n\n[^\d ]/m.exec(readme)?.[1] ?? ''
  return section
    .split(/^\d+\. /m)
    .slice(1)
    .map((text) => ({
      heading: /^\*\*(.+?)\*\*/.exec(text)?.[1] ?? '',
      ids: /^\*\*.+?\*\* \(([^)]*)\)/.exec(text)?.[1]?.split(', ') ?? [],
    }))
}

/** The differences between the guarantees of the README and the rules that name them, as sentences. */
function differences(guarantees: readonly Guarantee[], all: readonly Rule[]): string[] {
  const promised = new Map(
    guarantees.flatMap(({ heading, ids: named }) => named.map((id) => [id, heading])),
  )
  const known = new Set(all.map(({ id }) => id))
  return [
    ...guarantees
      .filter(({ ids: named }) => named.length === 0)
      .map(({ heading }) => `the guarantee "${heading}" names no rule`),
    ...[...promised.keys()]
      .filter((id) => !known.has(id))
      .map((id) => `the README guarantees ${id}, which is no rule`),
    ...all
      .filter(({ id, guarantee }) => (promised.get(id) ?? null) !== guarantee)
      .map(
        ({ id, guarantee }) => `${id}: "${promised.get(id)}" in the README, "${guarantee}" here`,
      ),
  ]
}

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
    for (const { id, code, tests, restsOn } of rules) {
      expect(restsOn, `${id} names no assumption`).not.toBe('')
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

test('the README guarantees exactly the rules that say so, under the same headings', () => {
  const guarantees = guaranteesOf(read('README.md'))
  expect(guarantees.length).toBeGreaterThanOrEqual(5)
  expect(differences(guarantees, rules)).toEqual([])
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
    '### KEEP-9: Kept\n\nText.\n\n- Rests on: a disk.\n- Guaranteed in the README: "It stays"\n- Code: `a.ts`,\n  `b.ts`\n- Tests: `c.test.ts`: "one";\n  `d.test.ts`: "two"\n\n## Next\n'

  test('reads a rule with all its files and tests', () => {
    expect(rulesOf(page)).toEqual([
      {
        id: 'KEEP-9',
        title: 'Kept',
        restsOn: 'a disk.',
        guarantee: 'It stays',
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

  test('finds that a test is missing, is skipped, or is only named in a comment', () => {
    expect(hasTest("test('one', () => {})", 'one')).toBe(true)
    expect(hasTest("test.each([1])(\n  'one %i?',\n  run)", 'one %i?')).toBe(true)
    expect(hasTest("test.each([['one', 1]])('%s', run)", 'one')).toBe(true)
    expect(hasTest("test('one', () => {})", 'on')).toBe(false)
    expect(hasTest("test.skip('one', () => {})", 'one')).toBe(false)
    expect(hasTest("// the test 'one' was here", 'one')).toBe(false)
  })

  test('finds guarantees of the README that differ from the rules', () => {
    const readme =
      '## What is guaranteed\n\n1. **It stays** (KEEP-9). Text.\n2. **More**.\n\nThe limits'
    const own = rulesOf(page)
    const guarantees = guaranteesOf(readme)
    expect(guarantees).toEqual([
      { heading: 'It stays', ids: ['KEEP-9'] },
      { heading: 'More', ids: [] },
    ])
    expect(differences(guarantees.slice(0, 1), own)).toEqual([])
    expect(differences(guarantees, own)).toEqual(['the guarantee "More" names no rule'])
    expect(differences([], own)).toHaveLength(1)
    expect(differences([{ heading: 'It goes', ids: ['KEEP-9'] }], own)).toHaveLength(1)
    expect(differences([{ heading: 'It stays', ids: ['KEEP-9', 'KEEP-8'] }], own)).toHaveLength(1)
  })
})
