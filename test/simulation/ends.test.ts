// Pages that end at one moment which random steps rarely hit.
import { expect, test } from 'vitest'
import { run } from './run.ts'
import { scripted } from './steps.ts'

const RUNS = 20

const PROFILE = {
  browsers: 1,
  tabsPerBrowser: 1,
  servers: 1,
  live: 'long-poll',
  isKept: true,
  hasLocks: true,
  keepsHistory: false,
  compacts: false,
  hasPresence: false,
  steps: 0,
  isTroubled: false,
  isOdd: false,
} as const

test('an edit that a page posts and that its device store lacks when the page crashes is neither lost nor stored twice', async () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const profile = { ...PROFILE, seed }
    const steps = scripted(profile, [
      { type: 'disconnect', who: 0 },
      { type: 'edit', who: 0 },
      { type: 'pass', who: 0, ms: 150 },
      { type: 'edit', who: 0 },
      { type: 'connect', who: 0 },
      { type: 'crash', who: 0 },
    ])
    const { error } = await run({ profile, steps })
    expect(error, `seed ${seed}`).toBeNull()
  }
})
