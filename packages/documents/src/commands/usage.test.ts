// The output for --help and for mistyped commands.
import { describe, expect, test } from 'vitest'
import { parseArguments } from './arguments.ts'
import type { Io } from './command.ts'
import { COMMANDS } from './index.ts'
import { run as runWith } from './testing/run.ts'

const run = (argv: readonly string[], given: Partial<Io> = {}) => runWith(argv, {}, given)

async function json(...argv: string[]): Promise<{ code: number; value: unknown }> {
  const { code, out, err } = await run([...argv, '--json'])
  expect(err).toBe('')
  return { code, value: JSON.parse(out) }
}

async function succeed(...argv: string[]): Promise<string> {
  const { code, out, err } = await run(argv)
  expect([code, err]).toEqual([0, ''])
  return out
}

describe('help', () => {
  test('lists each command of the program once, and every setting', async () => {
    for (const argv of [['--help'], ['-h'], ['--editor', 'x', '--help']]) {
      const out = await succeed(...argv)
      for (const { name, summary } of COMMANDS) {
        expect(out).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 30)}`, 'm'))
      }
      for (const name of ['DATABASE_URL', 'DATA_DIR (.data)', 'PORT (4000)', 'ELECTRIC_SECRET']) {
        expect(out).toContain(name)
      }
    }
  })

  test.each(COMMANDS.map(({ name }) => name))('of %s', async (name) => {
    const out = await succeed(name, '--help')
    const command = COMMANDS.find((one) => one.name === name)
    expect(out).toContain(`Usage: y-electric ${name}`)
    for (const option of command?.options ?? []) expect(out).toContain(`--${option.name}`)
    for (const argument of command?.arguments ?? []) expect(out).toContain(`  ${argument.name} `)
    expect(out.split('\n').filter((line) => line.length > 110)).toEqual([])
  })

  test('every example can be run', () => {
    for (const command of COMMANDS) {
      expect(command.examples.length).toBeGreaterThan(0)
      for (const example of command.examples.filter((one) => one !== '')) {
        const words = example.replace(/ <.*/, '').match(/"[^"]*"|\S+/g) ?? []
        const [name, ...given] = words.map((word) => word.replaceAll('"', ''))
        expect(name).toBe(command.name)
        const parsed = parseArguments(command.name, command, given)
        for (const option of command.options) parsed.option(option)
      }
    }
  })
})

describe('a command that cannot run', () => {
  const cases: [argv: string[], code: number, message: RegExp][] = [
    [['import'], 2, /^y-electric: ID is missing: the document/],
    [['import', 'notes'], 2, /FILE is missing: the content/],
    [['import', 'notes', 'a.yjs', '--dry-run'], 2, /--dry-run needs --from/],
    [['import', '--from', 'hocuspocus-sqlite'], 2, /FILE is missing: .*extension-sqlite/],
    [['import', '--from', 'files', '.', '--table', 'x'], 2, /--table is for a database/],
    [['import', '--from', 'files', '.', '--format', 'text'], 2, /--format is for a single file/],
    [['import', '--from', 'files', '.', 'more'], 2, /unexpected: more/],
    [['import', '--from', 'word', '.'], 2, /--from must be one of hocuspocus-sqlite/],
    [
      ['lst'],
      2,
      /^y-electric: unknown command "lst" \(see --help\)\. The commands are: serve compact/,
    ],
    [['list', 'extra'], 2, /^y-electric: unexpected: extra \(see list --help\)$/],
    [['list', '--limit', '0'], 2, /^y-electric: --limit must be a number from 1 to 1000, not "0"$/],
    [['inspect'], 2, /^y-electric: ID is missing: the document \(see inspect --help\)$/],
    [['inspect', 'x', '--format', 'pdf'], 2, /one of stats, json, text, html/],
    [['export', 'x'], 2, /^y-electric: --out is missing/],
    [
      ['export', 'x', '--out', 'file'],
      2,
      /^y-electric: add --format, because "file" has none of their endings/,
    ],
    [['import', 'x', '-'], 2, /^y-electric: add --format, because standard input/],
    [['import', 'x', 'stats.json', '--format', 'stats'], 2, /--format must be one of json, text/],
    [['delete', 'x'], 2, /^y-electric: cannot ask for confirmation without a terminal: add --yes$/],
    [['diff', 'x', 'now'], 2, /^y-electric: FROM must be the seq of a snapshot row, not "now"/],
    [['keep', 'x'], 2, /^y-electric: --label is missing/],
    [['keep', 'x', '--no-label'], 2, /^y-electric: --no-label needs --at$/],
    [
      ['keep', 'x', '--label', 'a', '--no-label', '--at', '1'],
      2,
      /--label and --no-label exclude each other/,
    ],
    [['verify', 'x', '--repair', '--deleted'], 2, /exclude each other/],
    [['verify', 'x', '--search-others', '--deleted'], 2, /exclude each other/],
    [['compact', '--min-rows', '0'], 2, /--min-rows must be a number from 1 to 999999999, not "0"/],
  ]
  test.each(cases)('%j', async (argv, code, message) => {
    const ran = await run(argv)
    expect([ran.code, ran.out]).toEqual([code, ''])
    expect(ran.err).toMatch(message)
    expect(ran.err.split('\n')).toHaveLength(1)

    const same = await json(...argv)
    expect(same.code).toBe(code)
    expect(same.value).toEqual({
      error: { code: expect.stringMatching(/^[a-z_]+$/), message: ran.err.slice(12) },
    })
  })

  test('reports a wrong setting', async () => {
    const env = { ELECTRIC_URL: 'http://localhost:3000' }
    const ran = await run(['list'], { env })
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('DATABASE_URL is not')])
    const { code, out } = await run(['list', '--json'], { env })
    expect([code, JSON.parse(out)]).toMatchObject([2, { error: { code: 'configuration' } }])
  })

  test('an unavailable database is named, and an unexpected error shows its stack', async () => {
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const gone = await run(['list'], { openBackend: () => Promise.reject(away) })
    expect(gone.code).toBe(1)
    expect(gone.err).toBe('y-electric: the database cannot be reached: connect ECONNREFUSED')
    const bug = await run(['list'], { openBackend: () => Promise.reject(new Error('a bug')) })
    expect([bug.code, bug.err]).toEqual([1, expect.stringMatching(/^y-electric: a bug\n.*\n +at /)])
  })
})
