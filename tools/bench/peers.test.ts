// Tests the arithmetic and the table of `npm run bench -- peers`, and its rows on our own server. The tests
// do not install other providers.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { isDeep } from '../../test/harness/deep.ts'
import { createDatabase } from '../../test/harness/postgres.ts'
import { ours } from './peers/contenders.ts'
import { type Figure, inRounds, orderOf, tableRow } from './peers/rounds.ts'
import { CONTAINER, DEFAULT_SIZES } from './peers/rows.ts'
import { chosenRows, measurePeers } from './peers.ts'
import { formatTable } from './table.ts'
import { UsageError } from './usage-error.ts'

const figure: Figure = { key: 'ms', title: 'a key', unit: 'ms', aim: '≤ 2' }

test('each round begins with a different contender, and runs each contender once', async () => {
  expect([0, 1, 2, 3].map((round) => orderOf(['a', 'b', 'c'], round).join(''))).toEqual([
    'abc',
    'bca',
    'cab',
    'abc',
  ])
  const order: string[] = []
  await inRounds([{ name: 'a' }, { name: 'b' }], 2, async ({ name }) => {
    order.push(name)
    return {}
  })
  expect(order.join('')).toBe('abba')
})

test('a ratio is the median of the ratios of the rounds, not the quotient of the medians', () => {
  const results = new Map([
    ['base', [{ ms: 1 }, { ms: 10 }, { ms: 2 }]],
    ['other', [{ ms: 3 }, { ms: 20 }, { ms: 8 }]],
  ])
  expect(tableRow('paced', figure, results, 'base')).toEqual({
    row: 'paced',
    measure: 'a key',
    unit: 'ms',
    base: 2,
    other: 8,
    'other ×': 3,
    aim: '≤ 2',
  })
})

test('a row without a result of the first contender has no ratios', () => {
  const results = new Map([['other', [{ ms: 3 }]]])
  const row = tableRow('append', figure, results, 'base')
  expect(row).toMatchObject({ other: 3 })
  expect(Object.keys(row)).not.toContain('other ×')
})

test('the command refuses an unknown row, and names all rows', () => {
  expect(() => chosenRows(['pace'])).toThrow(UsageError)
  expect(() => chosenRows(['pace'])).toThrow(/no row "pace" of peers.*paced, warm/)
  expect(chosenRows(['warm', 'paced']).map(({ name }) => name)).toEqual(['paced', 'warm'])
})

test('the row memory-container has the settings of the Dockerfile', async () => {
  const dockerfile = await readFile(path.join(import.meta.dirname, '../../Dockerfile'), 'utf8')
  const [argument] = CONTAINER.nodeArguments
  expect(dockerfile).toContain(`CMD ["node", "${argument}", `)
  for (const [name, value] of Object.entries(CONTAINER.env)) {
    expect(dockerfile).toContain(`ENV ${name}=${value}\n`)
  }
})

let database: Awaited<ReturnType<typeof createDatabase>>

beforeAll(async () => {
  database = await createDatabase(inject('databaseUrl'))
})

afterAll(() => database.drop())

test('the rows measure our own server, with positive figures and a line for each', {
  skip: !isDeep,
}, async () => {
  const report = await measurePeers({
    contenders: [ours('native', { DATABASE_URL: database.url })],
    rows: chosenRows(['warm', 'join', 'memory', 'reload']),
    rounds: 1,
    sizes: { ...DEFAULT_SIZES, keys: 2, warmUpKeys: 1, historyRows: 3, ackedEdits: 20, writers: 2 },
    say: () => {},
  })
  expect(report.rows.map(({ row }) => row)).toEqual([
    'warm',
    'join',
    'join',
    'memory',
    'reload',
    'reload',
  ])
  for (const row of report.rows) expect(row.native).toBeGreaterThan(0)
  const lines = formatTable(report).split('\n')
  expect(lines[1]).toMatch(/row +measure +unit +native +aim/)
  expect(lines.filter((line) => /wire ÷ v2 +[\d.,]+/.test(line))).toHaveLength(1)
})
