// Runs all schedules of a small model, and many random ones of a larger one. KEEP-1, SEG-1 and FOLD-1
// hold, followers miss nothing, and joiners are complete. Every planted fault is caught.
import { describe, expect, test } from 'vitest'
import { isDeep } from '../../harness/deep.ts'
import { seededRandom } from '../../harness/random.ts'
import { type Faults, folder, type Program, roller, writer } from './actors.ts'
import { type Exploration, exploreAll, walk } from './explore.ts'
import { follower } from './follower.ts'

const SEED = Number(process.env.Y_ELECTRIC_SEED ?? 1)

const first = { id: 1, after: null }
/** An edit that cannot be shown without the first one. */
const second = { id: 2, after: 1 }
const third = { id: 3, after: null }

type Cast = readonly [name: string, crashes: number, cast: (faults: Faults) => Program[]]

const CASTS: readonly Cast[] = [
  [
    'of two writers, a roll, an honest fold, a follower and one crash',
    1,
    (faults) => [
      writer(first, faults),
      writer(second, faults),
      roller(faults),
      folder('honest', faults),
      follower('long-poll', faults),
    ],
  ],
  [
    'of the same actors with a stream instead of long polls',
    0,
    (faults) => [
      writer(first, faults),
      writer(second, faults),
      roller(faults),
      folder('honest', faults),
      follower('sse', faults),
    ],
  ],
  [
    'of two rolls, an honest fold and one of the newest segment alone',
    0,
    (faults) => [
      writer(first, faults),
      writer(third, faults),
      roller(faults),
      roller(faults),
      folder('honest', faults),
      folder('newest-only', faults),
    ],
  ],
  [
    'of an honest fold and one of a live document',
    1,
    (faults) => [
      writer(first, faults),
      writer(third, faults),
      roller(faults),
      folder('honest', faults),
      folder('live', faults),
    ],
  ],
  [
    'of an honest fold and one that erases',
    0,
    (faults) => [
      writer(first, faults),
      writer(second, faults),
      roller(faults),
      folder('honest', faults),
      folder('erasing', faults),
      follower('long-poll', faults),
    ],
  ],
]

const say = (what: string, { schedules, states }: Exploration) =>
  console.log(`${what}: ${schedules.toLocaleString('en')} schedules, ${states} states`)

describe('every schedule', () => {
  test.each(CASTS)('%s keeps the rules', (name, crashes, cast) => {
    const result = exploreAll(cast({}), crashes)
    say(name, result)
    expect(result.violation).toBeNull()
    expect(result.schedules).toBeGreaterThan(1_000n)
  })
})

/** More actors than the explorer can run completely. */
const crowd = (faults: Faults): Program[] => [
  ...[1, 2, 3, 4, 5, 6].map((id) => writer({ id, after: id % 3 === 0 ? id - 1 : null }, faults)),
  ...[roller, roller, roller].map((make) => make(faults)),
  ...(['honest', 'honest', 'honest', 'live', 'erasing', 'newest-only'] as const).map((proposer) =>
    folder(proposer, faults),
  ),
  ...(['sse', 'long-poll', 'sse'] as const).map((live) => follower(live, faults)),
]

test('random schedules of a crowd keep the rules', () => {
  const runs = isDeep ? 200_000 : 500
  for (let seed = SEED; seed < SEED + runs; seed++) {
    const violation = walk(crowd({}), 3, seededRandom(seed))
    expect(violation, `seed ${seed}; again: Y_ELECTRIC_SEED=${seed}`).toBeNull()
  }
  console.log(`a crowd: ${runs} random schedules from seed ${SEED}`)
})

describe('a planted fault is caught', () => {
  /** Each fault, with the index of the cast that reveals it. */
  const PLANTED: readonly (readonly [name: string, faults: Faults, cast: number, rule: RegExp])[] =
    [
      ['no shared lock on append', { noSharedLock: true }, 0, /SEG-1/],
      ['append reads its segment before the lock', { segmentReadBeforeLock: true }, 0, /SEG-1/],
      ['no compaction lock', { noCompactionLock: true }, 2, /KEEP-1|FOLD-1/],
      ['no verification', { verification: 'none' }, 4, /KEEP-1|FOLD-1/],
      ['containment instead of equality', { verification: 'containment' }, 4, /KEEP-1|FOLD-1/],
      ['a live document accepted as a snapshot row', { verification: 'none' }, 3, /KEEP-1|FOLD-1/],
      ['no carry-over', { noCarryOver: true }, 1, /KEEP-1|FOLD-1/],
      ['seal not last', { sealNotLast: true }, 0, /SEG-1|missed/],
      ['two transactions instead of one', { twoTransactions: true }, 0, /KEEP-1|FOLD-1/],
      ['state in two reads', { stateInTwoReads: true }, 4, /joiner/],
    ]

  test.each(PLANTED)('%s', (_name, faults, at, rule) => {
    const [, crashes, cast] = CASTS[at] ?? CASTS[0] ?? []
    const violation = cast === undefined ? null : exploreAll(cast(faults), crashes ?? 0).violation
    expect(violation?.rule).toMatch(rule)
    expect(violation?.trace.length).toBeGreaterThan(0)
  })

  /** The other two faults need two folds, or a fold and a joiner, in one exact order. */
  const OFTEN = PLANTED.filter(([, faults]) => !faults.noCompactionLock && !faults.stateInTwoReads)

  if (!isDeep) return
  test.each(OFTEN)('%s, by chance with many actors', (_name, faults) => {
    for (let seed = SEED; seed < SEED + 5_000; seed++) {
      if (walk(crowd(faults), 3, seededRandom(seed)) !== null) return
    }
    expect.unreachable('no random schedule caught it')
  })
})
