import { describe, expect, test } from 'vitest'
import { parseArguments, UsageError } from './arguments.ts'
import {
  choiceOption,
  docIdArgument,
  integerOption,
  seqArgument,
  switchOption,
  textOption,
} from './options.ts'

const id = docIdArgument('ID', 'the document')
const to = seqArgument('TO', 'until when', { words: ['now'], required: false })
const limit = integerOption({ name: 'limit', summary: '', minimum: 1, maximum: 10, fallback: 5 })
const label = textOption({ name: 'label', placeholder: 'TEXT', summary: '' })
const kind = choiceOption({ name: 'kind', placeholder: 'KIND', summary: '', values: ['a', 'b'] })
const yes = switchOption({ name: 'yes', summary: '' })
const known = { arguments: [id, to], options: [limit, label, kind, yes] }

const parse = (...argv: string[]) => parseArguments('try', known, argv)

test('what is given, in any order', () => {
  const given = parse('--limit', '7', 'notes', '--yes', '12', '--kind=b', '--json')
  expect(given.argument(id)).toBe('notes')
  expect(given.argument(to)).toBe('12')
  expect([given.option(limit), given.option(label), given.option(kind)]).toEqual([7, null, 'b'])
  expect([given.option(yes), given.isJson, given.wantsHelp]).toEqual([true, true, false])
})

test('what is not given', () => {
  const given = parse('notes')
  expect(given.argument(to)).toBe('')
  expect([given.option(limit), given.option(label), given.option(yes)]).toEqual([5, null, false])
  expect(() => given.required(label)).toThrow('--label is missing (see try --help)')
})

test('an id that looks like an option', () => {
  expect(parse('--yes', '--', '--notes').argument(id)).toBe('--notes')
})

test.each([[['--help']], [['-h', '--limit', 'many']], [['--help', 'a', 'b', 'c']]])(
  'help is given whatever else is wrong: %j',
  (argv) => {
    expect(parse(...argv).wantsHelp).toBe(true)
  },
)

describe('what is wrong is named', () => {
  const cases: [argv: string[], message: RegExp][] = [
    [[], /^ID is missing: the document \(see try --help\)$/],
    [['notes', '1', '2', '3'], /^unexpected: 2 3 \(see try --help\)$/],
    [['notes', 'then'], /^TO must be the seq of a snapshot row or "now", not "then"/],
    [['notes', '--limit', '0'], /^--limit must be a number from 1 to 10, not "0"$/],
    [['notes', '--limit', '11'], /from 1 to 10, not "11"/],
    [['notes', '--limit', '1e1'], /not "1e1"/],
    [['notes', '--limit', ''], /not ""/],
    [['notes', '--limit'], /--limit.* (see try --help)?/],
    [['notes', '--kind', 'c'], /^--kind must be one of a, b, not "c"$/],
    [['notes', '--label', ''], /^--label must be text/],
    [['notes', '--lable', 'x'], /--lable' \(see try --help\)$/],
    [['notes', '-x'], /-x' \(see try --help\)$/],
    [['notes', '--yes=1'], /--yes.*\(see try --help\)$/],
    [['a\u0001'], /control characters/],
    [['.'], /cannot be "\."/],
    [['x'.repeat(201)], /at most 200 characters/],
  ]
  test.each(cases)('%j', (argv, message) => {
    expect(() => parse(...argv)).toThrow(UsageError)
    expect(() => parse(...argv)).toThrow(message)
  })
})
