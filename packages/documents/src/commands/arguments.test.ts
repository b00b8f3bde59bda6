import { describe, expect, test } from 'vitest'
import type { Arguments } from './arguments.ts'
import type { Command } from './command.ts'
import {
  choiceOption,
  docIdArgument,
  integerOption,
  requiredTextOption,
  seqArgument,
  switchOption,
  textOption,
} from './options.ts'
import { runAny } from './testing/run.ts'

const id = docIdArgument('ID', 'the document')
const to = seqArgument('[TO]', 'the end', ['now']).default('now')
const limit = integerOption('--limit <N>', '', { minimum: 1, maximum: 10, fallback: 5 })
const at = integerOption('--at <SEQ>', '', { minimum: 0 })
const label = textOption('--label <TEXT>', '', 8)
const noLabel = switchOption('--no-label', '').conflicts(label.attributeName())
const kind = choiceOption('--kind <KIND>', '', ['a', 'b'])
const yes = switchOption('--yes', '')

let given: Arguments | null = null
let isJson = false

const command = (name: string, more: Partial<Command> = {}): Command => ({
  name,
  summary: `${name} something`,
  arguments: [],
  options: [],
  examples: [name],
  async run(call) {
    given = call.arguments
    isJson = call.isJson
    return { json: name, text: name }
  },
  ...more,
})

const COMMANDS = [
  command('first', { options: [yes] }),
  command('try', { arguments: [id, to], options: [limit, at, label, noLabel, kind, yes] }),
  command('write', { options: [requiredTextOption('--out <FILE>', 'the file')] }),
]

const run = (...argv: string[]) => {
  given = null
  return runAny(COMMANDS, argv, {})
}

async function parse(...argv: string[]): Promise<Arguments> {
  const { code, err } = await run('try', ...argv)
  expect([code, err]).toEqual([0, ''])
  if (given === null) throw new Error('the command did not run')
  return given
}

test('arguments and options are read in any order', async () => {
  const read = await parse('--limit', '7', 'notes', '--yes', '12', '--kind=b', '--json')
  expect([read.argument(id), read.argument(to)]).toEqual(['notes', '12'])
  expect([read.option(limit), read.option(label), read.option(kind)]).toEqual([7, null, 'b'])
  expect([read.option(yes), read.option(noLabel), isJson]).toEqual([true, false, true])
})

test('arguments and options that are not given have their defaults', async () => {
  const read = await parse('notes')
  expect(read.argument(to)).toBe('now')
  expect([read.option(limit), read.option(at), read.option(yes)]).toEqual([5, null, false])
})

test('a switch that begins with no- is not the opposite of an option', async () => {
  const read = await parse('notes', '--no-label')
  expect([read.option(label), read.option(noLabel)]).toEqual([null, true])
})

test('the last of repeated options counts, and each of them is checked', async () => {
  expect((await parse('notes', '--limit', '1', '--limit=2')).option(limit)).toBe(2)
  expect((await run('try', 'notes', '--limit', 'x', '--limit', '2')).code).toBe(2)
})

test.each(['--notes', '--json', '--help', '--limit', '-h', '--'])(
  'the id %s is read after --',
  async (name) => {
    expect((await parse('--yes', '--', name)).argument(id)).toBe(name)
    expect((await parse('--', name, '3')).argument(id)).toBe(name)
  },
)

test.each(['__proto__', 'constructor', 'toString', 'try', '-'])(
  'the id %s is read like any other id',
  async (name) => {
    const read = await parse(name, '--label', name.slice(0, 8))
    expect([read.argument(id), read.option(label)]).toEqual([name, name.slice(0, 8)])
  },
)

test('a value that begins with - is written with =', async () => {
  const read = await parse('notes', '--label=--yes', '--at=0')
  expect([read.option(label), read.option(yes), read.option(at)]).toEqual(['--yes', false, 0])
})

test.each([
  [[], 'first'],
  [['--yes'], 'first'],
  [['--json'], 'first'],
  [['--json', 'try', 'notes'], 'try'],
])('%j runs the command of that name, or the first', async (argv, name) => {
  const { code, out } = await run(...argv)
  expect([code, argv.includes('--json') ? JSON.parse(out) : out.trim()]).toEqual([0, name])
})

test.each([
  [['--help']],
  [['-h', '--limit', 'many']],
  [['--limit', 'many', '--help']],
  [['--limit', '--help']],
  [['--nope', '--help']],
  [['--help', 'a', 'b', 'c']],
])('help is printed whatever else is wrong: %j', async (argv) => {
  const { code, out, err } = await run('try', ...argv)
  expect([code, given, err]).toEqual([0, null, ''])
  expect(out).toMatch(/^Usage: y-electric try \[options\] <ID> \[TO\]\n\nTry something\.\n/)
  const table = await run('try', ...argv, '--json')
  expect(JSON.parse(table.out)).toMatchObject({ name: 'try' })
})

describe('a usage error', () => {
  const cases: [argv: string[], message: string][] = [
    [['try'], "missing required argument 'ID'"],
    [['try', 'notes', '1', '2'], "too many arguments for 'try'. Expected 2 arguments but got 3"],
    [['try', 'notes', 'then'], 'It must be the seq of a snapshot row or "now" (see: snapshots)'],
    [
      ['try', 'notes', '--limit', '0'],
      "option '--limit <N>' argument '0' is invalid. It must be a number from 1 to 10",
    ],
    [['try', 'notes', '--limit', '11'], "'11' is invalid"],
    [['try', 'notes', '--limit', '1e1'], "'1e1' is invalid"],
    [['try', 'notes', '--limit', ''], "'' is invalid"],
    [['try', 'notes', '--at', '-1'], "option '--at <SEQ>' argument missing"],
    [['try', 'notes', '--at=-1'], 'It must be a number from 0'],
    [['try', 'notes', '--limit'], "option '--limit <N>' argument missing"],
    [
      ['try', 'notes', '--label', '--yes'],
      "option '--label <TEXT>' argument missing; a value that begins with - is written --label=-…",
    ],
    [['try', '--label', '--', 'notes'], "option '--label <TEXT>' argument missing"],
    [['try', 'notes', '--label', 'a', '--label', '--yes'], 'argument missing'],
    [['try', 'notes', '--kind', 'c'], "'c' is invalid. Allowed choices are a, b"],
    [['try', 'notes', '--label', ''], 'It cannot be empty'],
    [['try', 'notes', '--label', 'x'.repeat(9)], 'It can have at most 8 characters'],
    [
      ['try', 'notes', '--label', 'x', '--no-label'],
      "option '--no-label' cannot be used with option '--label <TEXT>'",
    ],
    [['try', 'notes', '--lable', 'x'], "unknown option '--lable' (Did you mean --label?)"],
    [['try', 'notes', '--__proto__'], "unknown option '--__proto__'"],
    [['try', 'notes', '-x'], "unknown option '-x'"],
    [['try', 'notes', '--yes=1'], "unknown option '--yes=1' (Did you mean --yes?)"],
    [['try', 'a\u0001\nb'], "value 'a\ufffd b' is invalid for argument 'ID'"],
    [['try', '.'], 'A document id cannot be "."'],
    [['try', 'x'.repeat(201)], 'at most 200 characters'],
    [['write'], "required option '--out <FILE>' not specified"],
  ]
  test.each(cases)('names the problem of %j', async (argv, message) => {
    const { code, out, err } = await run(...argv)
    expect([code, out, given]).toEqual([2, '', null])
    expect(err).toContain(message)
    expect(err).toMatch(/^y-electric: .* \(see (try|write) --help\)$/)
    const same = await run(...argv.slice(0, 1), '--json', ...argv.slice(1))
    expect([same.code, same.err]).toEqual([2, ''])
    expect(JSON.parse(same.out)).toEqual({ error: { code: 'usage', message: err.slice(12) } })
  })
})

test('--json is not taken for a value', async () => {
  const { code, out } = await run('try', 'notes', '--label', '--json')
  expect([code, JSON.parse(out)]).toMatchObject([2, { error: { code: 'usage' } }])
})

test.each(['tri', 'constructor', '__proto__', ''])(
  'the unknown command "%s" is refused',
  async (name) => {
    for (const more of [[], ['--help'], ['--nope'], ['--yes', '--', '--help']]) {
      const { code, out, err } = await run(name, ...more)
      expect([code, out]).toEqual([2, ''])
      expect(err).toContain(`y-electric: unknown command '${name}'`)
      expect(err.includes('(Did you mean try?) (see --help)')).toBe(name === 'tri')
    }
  },
)
