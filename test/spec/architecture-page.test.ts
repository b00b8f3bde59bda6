// ARCHITECTURE.md shows who imports whom: its pictures and its table equal the imports of the sources.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  type Arrow,
  arrowsOfLine,
  between,
  importsOf,
  pictureOf,
  ROOT,
  reachable,
  rowsOf,
  sourcesOf,
} from './architecturePage.ts'

const page = readFileSync(path.join(ROOT, 'ARCHITECTURE.md'), 'utf8')
const PACKAGES = ['y-electric', 'server', 'documents', 'embedded']
const imports = importsOf(PACKAGES.flatMap((name) => sourcesOf(`packages/${name}/src`)))
const sorted = (names: Iterable<string>): string[] => [...names].sort()

test('the picture of the packages has exactly their imports', () => {
  const packageOf = (file: string): string | null => {
    const folder = /^packages\/([\w-]+)\//.exec(file)?.[1]
    if (folder !== undefined) return folder === 'y-electric' ? folder : `@y-electric/${folder}`
    return /^(?:y-electric|@y-electric\/[\w-]+)/.exec(file)?.[0] ?? null
  }
  const drawn = arrowsOfLine(pictureOf(page, 'Packages'))
  const real = between(imports, packageOf)
  expect(drawn).toHaveLength(3)
  for (const arrow of drawn) expect(real).toContainEqual(arrow)
  // An arrow that others imply is not drawn: the documents also import the protocol of y-electric.
  for (const { from } of real) {
    expect(sorted(reachable(drawn, from)), from).toEqual(sorted(reachable(real, from)))
  }
})

describe('the table of folders', () => {
  const rows = rowsOf(page)
  const real = (name: string): Arrow[] =>
    between(imports, (file) => {
      const inside = /^packages\/([\w-]+)\/src\/([^/]+)/.exec(file)
      return inside?.[1] === name ? (inside[2] ?? null) : null
    })
  /** The folders that a row names in its last column. */
  const named = (packageName: string, words: string): string[] =>
    foldersOf(packageName).filter((folder) => new RegExp(`(?<![\\w@/-])${folder}\\b`).test(words))
  const isFree = (words: string): boolean => words.includes('everything')

  test('has every folder of a package once', () => {
    for (const name of PACKAGES.slice(0, 3)) {
      const listed = rows.filter(({ packageName }) => packageName === name)
      expect(
        sorted(listed.flatMap(({ folders }) => folders)).filter((one) => !one.includes('.')),
      ).toEqual(foldersOf(name))
    }
  })

  test.each(rows.filter(({ mayImport }) => !isFree(mayImport)))(
    '$packageName/$folders: the last column says what it imports',
    ({ packageName, folders, mayImport }) => {
      const arrows = real(packageName)
      const direct = new Set(
        folders.flatMap((folder) =>
          arrows.filter(({ from }) => from === folder).map(({ to }) => to),
        ),
      )
      const allowed = named(packageName, mayImport)
      expect(sorted(allowed.filter((folder) => !direct.has(folder))), 'not imported').toEqual([])
      // A row names the nearest folders, and these may import further ones.
      const below = new Set([...allowed, ...allowed.flatMap((one) => [...reachable(arrows, one)])])
      const others = [...direct].filter(
        (to) => !below.has(to) && !folders.includes(to) && !to.endsWith('.ts'),
      )
      expect(sorted(others), 'imported, and not in the table').toEqual([])
    },
  )
})

test('the picture of a session has its imports, and no part imports another', () => {
  const picture = pictureOf(page, 'Inside a session')
  const nodes = new Map([
    ...['provider.ts', 'session/session.ts', 'session/notices.ts'].map(
      (one) => [one, one] as const,
    ),
    ...['session/ledger-loop.ts', 'core/ledger/ledger.ts'].map((one) => [one, one] as const),
    ['core/ledger/steps/', 'steps/'],
    ['core/ledger/parts/', 'parts/'],
    ['core/ledger/state.ts', 'state.ts'],
    ...['document', 'writer', 'reader', 'device'].map(
      (one) => [`session/${one}/`, `${one}/`] as const,
    ),
    ...['tabs/', 'persistence/', 'io/'].map((one) => [one, one] as const),
  ])
  for (const shown of nodes.values()) expect(picture).toContain(shown)
  const src = 'packages/y-electric/src/'
  const inside = imports.filter(({ from, to }) => from.startsWith(src) && to.startsWith(src))
  const nodeOf = (file: string): string | null => {
    const below = file.slice(src.length)
    return (
      [...nodes.keys()].find((node) =>
        node.endsWith('/') ? below.startsWith(node) : below === node,
      ) ?? null
    )
  }
  // Each arrow of the picture, from the top down. Events and effects are data, not imports.
  const drawn = [
    ['session/session.ts', 'session/notices.ts'],
    ['session/session.ts', 'session/ledger-loop.ts'],
    ['session/ledger-loop.ts', 'core/ledger/ledger.ts'],
    ['core/ledger/ledger.ts', 'core/ledger/steps/'],
    ['core/ledger/steps/', 'core/ledger/parts/'],
    ['core/ledger/parts/', 'core/ledger/state.ts'],
    ['session/session.ts', 'session/document/'],
    ['session/session.ts', 'session/writer/'],
    ['session/session.ts', 'session/reader/'],
    ['session/session.ts', 'session/device/'],
    ['session/session.ts', 'tabs/'],
    ['session/device/', 'persistence/'],
    ['session/writer/', 'io/'],
    ['session/reader/', 'io/'],
    ['persistence/', 'io/'],
    ['tabs/', 'io/'],
  ].map(([from = '', to = '']) => ({ from, to }))
  const files = between(inside, (file) => file)
  const fromTop = reachable(files, `${src}provider.ts`)
  expect(fromTop).toContain(`${src}session/session.ts`)
  const groups = between(inside, (file) => nodeOf(file) ?? file)
  for (const { from, to } of drawn) expect(reachable(groups, from), `${from} → ${to}`).toContain(to)
  const direct = between(inside, nodeOf).filter(({ to }) => !/^io\/|state\.ts$/.test(to))
  for (const { from, to } of direct) expect(reachable(drawn, from), `${from} → ${to}`).toContain(to)
})

function foldersOf(packageName: string): string[] {
  return readdirSync(path.join(ROOT, 'packages', packageName, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'testing')
    .map(({ name }) => name)
    .sort()
}

test('the check reads the arrows of a picture in both directions', () => {
  const arrows = arrowsOfLine('\n a ◀── @b/c ──▶ d\n text\n')
  expect(arrows).toEqual([
    { from: '@b/c', to: 'a' },
    { from: '@b/c', to: 'd' },
  ])
  expect(sorted(reachable([...arrows, { from: 'd', to: 'e' }], '@b/c'))).toEqual(['a', 'd', 'e'])
})

test('only the store of the server sends statements to a database', () => {
  const sends = /\b(?:pool|client|connection|database)\.query\b/
  const outside = sourcesOf('packages/server/src').filter((file) => !file.includes('/src/store/'))
  expect(outside.length).toBeGreaterThan(50)
  const found = outside.filter((file) => sends.test(readFileSync(path.join(ROOT, file), 'utf8')))
  expect(found).toEqual([])
  expect('await pool.query("SELECT 1")').toMatch(sends)
})
