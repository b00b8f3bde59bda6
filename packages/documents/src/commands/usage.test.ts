// The output for --help and for mistyped commands.
import { describe, expect, test } from 'vitest'
import type { Command, Io } from './command.ts'
import { COMMANDS } from './index.ts'
import { runAny, run as runWith } from './testing/run.ts'

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

  test.each(COMMANDS.map(({ name }) => name))(
    'of %s lists its arguments, options, settings and examples',
    async (name) => {
      const out = await succeed(name, '--help')
      const command = COMMANDS.find((one) => one.name === name)
      expect(out).toContain(`Usage: y-electric ${name}`)
      for (const option of command?.options ?? []) expect(out).toContain(`  ${option.flags} `)
      for (const argument of command?.arguments ?? [])
        expect(out).toContain(`  ${argument.name()} `)
      for (const [names] of command?.environment ?? []) expect(out).toContain(`  ${names} `)
      for (const example of command?.examples ?? [])
        expect(out).toContain(`  y-electric ${example}`.trimEnd())
      expect(out).toMatch(/^ {2}--json [\s\S]*^ {2}-h, --help {2}/m)
    },
  )

  test.each([80, 120])('is wrapped to a terminal of %d columns', async (columns) => {
    for (const name of ['', ...COMMANDS.map((command) => command.name)]) {
      const { out } = await run([name, '--help'].filter(Boolean), { columns })
      const [wide = ''] = out.split('\nExamples:')
      expect(wide.split('\n').filter((line) => line.length > columns)).toEqual([])
    }
  })

  test('every example can be run', async () => {
    const called: string[] = []
    const idle = COMMANDS.map((command): Command => {
      const run = async () => {
        called.push(command.name)
        return { json: null, text: null }
      }
      return { ...command, run }
    })
    for (const command of COMMANDS) {
      expect(command.examples.length).toBeGreaterThan(0)
      for (const example of command.examples.filter((one) => one !== '')) {
        const words = example.replace(/ <.*/, '').match(/"[^"]*"|\S+/g) ?? []
        const { err } = await runAny(
          idle,
          words.map((word) => word.replaceAll('"', '')),
          {},
        )
        expect([err, called.pop()]).toEqual(['', command.name])
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
    [
      ['import', '--from', 'files', '.', '--format', 'text'],
      2,
      /'--from <STORE>' cannot be used with option '--format <FORMAT>'/,
    ],
    [['import', '--from', 'files', '.', 'more'], 2, /unexpected: more/],
    [
      ['import', '--from', 'word', '.'],
      2,
      /'word' is invalid. Allowed choices are hocuspocus-sqlite/,
    ],
    [['lst'], 2, /^y-electric: unknown command 'lst' \(Did you mean list\?\) \(see --help\)$/],
    [['list', 'extra'], 2, /^y-electric: too many arguments for 'list'.* \(see list --help\)$/],
    [['list', '--limit', '0'], 2, /'0' is invalid\. It must be a number from 1 to 1000 \(see list/],
    [['inspect'], 2, /^y-electric: missing required argument 'ID' \(see inspect --help\)$/],
    [['inspect', 'x', '--format', 'pdf'], 2, /choices are stats, json, text, html/],
    [['export', 'x'], 2, /^y-electric: required option '--out <FILE>' not specified/],
    [
      ['export', 'x', '--out', 'file'],
      2,
      /^y-electric: add --format, because "file" has none of their endings/,
    ],
    [['import', 'x', '-'], 2, /^y-electric: add --format, because standard input/],
    [
      ['import', 'x', 'stats.json', '--format', 'stats'],
      2,
      /'stats' is invalid. Allowed choices are json, text/,
    ],
    [['delete', 'x'], 2, /^y-electric: cannot ask for confirmation without a terminal: add --yes$/],
    [['diff', 'x', 'now'], 2, /'now' is invalid for argument 'FROM'\. It must be the seq/],
    [['keep', 'x'], 2, /^y-electric: --label is missing/],
    [['keep', 'x', '--no-label'], 2, /^y-electric: --no-label needs --at$/],
    [
      ['keep', 'x', '--label', 'a', '--no-label', '--at', '1'],
      2,
      /'--no-label' cannot be used with option '--label <TEXT>'/,
    ],
    [
      ['verify', 'x', '--repair', '--deleted'],
      2,
      /'--deleted' cannot be used with option '--repair'/,
    ],
    [['verify', 'x', '--search-others', '--deleted'], 2, /'--deleted' cannot be used/],
    [['serve', '--no-editor', '--editor', 'x'], 2, /'--no-editor' cannot be used/],
    [
      ['compact', '--min-rows', '0'],
      2,
      /'--min-rows <N>' argument '0' is invalid\. It must be a number from 1 to 999999999/,
    ],
  ]
  test.each(cases)('reports the problem of %j in one line', async (argv, code, message) => {
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

  test('names an unavailable database, and shows the stack of an unexpected error', async () => {
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const gone = await run(['list'], { openBackend: () => Promise.reject(away) })
    expect(gone.code).toBe(1)
    expect(gone.err).toBe('y-electric: the database cannot be reached: connect ECONNREFUSED')
    const bug = await run(['list'], { openBackend: () => Promise.reject(new Error('a bug')) })
    expect([bug.code, bug.err]).toEqual([1, expect.stringMatching(/^y-electric: a bug\n.*\n +at /)])
  })
})
