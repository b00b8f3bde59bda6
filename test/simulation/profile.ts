// The profile of a run, which its seed decides before its steps.
import { Chance } from './kernel/chance.ts'

export interface Profile {
  readonly seed: number
  readonly browsers: number
  readonly tabsPerBrowser: number
  readonly servers: number
  readonly live: 'sse' | 'long-poll' | 'shared'
  /** Whether browsers keep documents on the device. */
  readonly isKept: boolean
  readonly hasLocks: boolean
  readonly keepsHistory: boolean
  /** Whether providers run for election as compactors. */
  readonly compacts: boolean
  readonly hasPresence: boolean
  readonly steps: number
  /** Whether rights are revoked, bad rows are stored and the document is deleted. */
  readonly isTroubled: boolean
  /** Whether pages have rare faults: see `oddities.ts`. */
  readonly isOdd: boolean
}

/** The share of the runs with rare faults of single pages. */
const ODD_SHARE = 0.25

export function profileOf(seed: number): Profile {
  const chance = Chance.of(seed, 'profile')
  const profile = {
    seed,
    browsers: chance.pick([1, 2, 2]),
    tabsPerBrowser: chance.pick([1, 2, 3]),
    servers: chance.pick([1, 2]),
    live: chance.pick(['sse', 'long-poll'] as const),
    isKept: chance.happens(0.6),
    hasLocks: chance.happens(0.85),
    keepsHistory: chance.happens(0.2),
    compacts: chance.happens(0.6),
    hasPresence: chance.happens(0.2),
    steps: 8 + chance.below(22),
  }
  const isTroubled = chance.happens(0.3)
  const live = chance.happens(0.2) ? 'shared' : profile.live
  return { ...profile, isTroubled, live, isOdd: Chance.of(seed, 'odd').happens(ODD_SHARE) }
}
