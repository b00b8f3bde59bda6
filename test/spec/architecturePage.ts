// The pictures and the table of ARCHITECTURE.md, and the imports of the packages, in one form: arrows.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const ROOT = path.resolve(import.meta.dirname, '../..')

export interface Arrow {
  readonly from: string
  readonly to: string
}

/** The shipped source files below a folder. */
export function sourcesOf(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'testing' ? [] : sourcesOf(file)
    return /\.ts$/.test(entry.name) && !entry.name.endsWith('.test.ts') ? [file] : []
  })
}

/** The imports of the files: the imported file, or the name of the imported package. */
export function importsOf(files: readonly string[]): Arrow[] {
  return files.flatMap((from) => {
    const source = readFileSync(path.join(ROOT, from), 'utf8')
    return [...source.matchAll(/(?:\bfrom |\bimport\()\s*'([^']+)'/g)].map(([, name = '']) => ({
      from,
      to: name.startsWith('.') ? path.posix.join(path.posix.dirname(from), name) : name,
    }))
  })
}

/** The arrows between groups of files. `groupOf` names the group of a file; null for other files. */
export function between(
  arrows: readonly Arrow[],
  groupOf: (file: string) => string | null,
): Arrow[] {
  const found = new Map<string, Arrow>()
  for (const { from, to } of arrows) {
    const [a, b] = [groupOf(from), groupOf(to)]
    if (a !== null && b !== null && a !== b) found.set(`${a} ${b}`, { from: a, to: b })
  }
  return [...found.values()]
}

/** Everything that can be reached from a start through the arrows. */
export function reachable(arrows: readonly Arrow[], start: string): Set<string> {
  const reached = new Set<string>()
  const visit = (at: string): void => {
    for (const { from, to } of arrows) {
      if (from !== at || reached.has(to)) continue
      reached.add(to)
      visit(to)
    }
  }
  visit(start)
  return reached
}

/** The picture below a heading: the first block of code in the section. */
export const pictureOf = (page: string, heading: string): string =>
  page.split(`## ${heading}\n`)[1]?.split('```')[1] ?? ''

/** The arrows of a picture whose names are in one line: `a ◀── b ──▶ c` has the arrows of b. */
export function arrowsOfLine(picture: string): Arrow[] {
  const line = picture.split('\n').find((one) => /[◀▶]/.test(one)) ?? ''
  const parts = [...line.matchAll(/[@\w][\w@/-]*|◀─+|─+▶/g)].map(([part]) => part)
  return parts.flatMap((part, i) => {
    const [left = '', right = ''] = [parts[i - 1], parts[i + 1]]
    if (part.startsWith('◀')) return { from: right, to: left }
    return part.endsWith('▶') ? { from: left, to: right } : []
  })
}

/** A row of the table of folders: the folders of one package, and the words of its last column. */
export interface Row {
  readonly packageName: string
  readonly folders: readonly string[]
  readonly mayImport: string
}

export function rowsOf(page: string): Row[] {
  return [...page.matchAll(/^\| `packages\/([\w-]+)\/src\/([^|]*)\|[^|]*\|([^|]*)\|$/gm)].map(
    ([, packageName = '', folders = '', mayImport = '']) => ({
      packageName,
      folders: `\`${folders}`.match(/(?<=`)[\w.-]+(?=`)/g) ?? [],
      mayImport,
    }),
  )
}
