/**
 * The table of docs/servers.md: the servers that the tests have run with two people, with version and date.
 */

export interface Mount {
  readonly server: string
  readonly version: string
  /** YYYY-MM-DD */
  readonly date: string
}

const BEGIN =
  '<!-- mounts: `npm run docs:mounts` writes this table from the records of the tests -->'
const END = '<!-- /mounts -->'
const HEAD = '| server | works in version | tested on |\n|---|---|---|\n'

/**
 * Parses the records of tests: a line for each run, with fields between tabs.
 * @throws for a line in another format
 */
export const readNotes = (notes: string): Mount[] =>
  notes
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [server, version, date, ...others] = line.split('\t')
      if (!server || !version || !date || others.length > 0)
        throw new Error(`not a record: ${line}`)
      return { server, version, date }
    })

/**
 * The page with the newest record of each server. A server without a new record keeps its row.
 * @throws {Error} if the page has no place for the table
 */
export function withTable(page: string, notes: readonly Mount[]): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`the page has no ${BEGIN} … ${END}`)
  const rows = new Map<string, Mount>()
  const before = page.slice(begin + BEGIN.length, end)
  for (const mount of [...rowsIn(before), ...notes]) {
    const known = rows.get(mount.server)
    if (known === undefined || known.date <= mount.date) rows.set(mount.server, mount)
  }
  const lines = [...rows.values()].map(
    ({ server, version, date }) => `| ${server} | ${version} | ${date} |\n`,
  )
  return `${page.slice(0, begin)}${BEGIN}\n${HEAD}${lines.join('')}${page.slice(end)}`
}

const rowsIn = (table: string): Mount[] =>
  [...table.matchAll(/^\| (.+) \| (.+) \| (\d{4}-\d\d-\d\d) \|$/gm)].map(
    ([, server = '', version = '', date = '']) => ({ server, version, date }),
  )
