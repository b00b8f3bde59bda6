// Mutants of how a provider handles rare faults of its page.
import type { Mutation } from '../kernel/program.ts'
import type { Plant } from '../plant.ts'

export const ODDITY_MUTANTS = {
  'content of another persistence is not compared with state': {
    file: 'y-electric/src/core/ledger/steps/document.ts',
    find: `  doubtLoaded(work, update)
  record(work, { type: 'row', update })
  forgetResume(work)`,
    put: (isOn) => `  if (${isOn}) return
  doubtLoaded(work, update)
  record(work, { type: 'row', update })
  forgetResume(work)`,
  },
  'damaged data of the device is accepted': {
    file: 'y-electric/src/persistence/frames.ts',
    find: 'if (digestOf(kind, body).some(',
    put: (isOn) => `if (!${isOn} && digestOf(kind, body).some(`,
  },
  'the provider does not recover from a failed step': {
    file: 'y-electric/src/session/ledger-loop.ts',
    find: 'this.#repeatLater(event)\n      this.#break(',
    put: (isOn) => `if (${isOn}) return\n      this.#repeatLater(event)\n      this.#break(`,
  },
  'an edit that could not be handled is not tried again': {
    file: 'y-electric/src/session/ledger-loop.ts',
    find: "if (event.type !== 'edited' || ",
    put: (isOn) => `if (${isOn} || event.type !== 'edited' || `,
  },
  'an update that could not be applied is skipped': {
    file: 'y-electric/src/session/ledger-loop.ts',
    find: "if (effect.to === 'document' && effect.type === 'apply') {",
    put: (isOn) => `if (!${isOn} && effect.to === 'document' && effect.type === 'apply') {`,
  },
  'a silent stream ends reading': {
    file: 'y-electric/src/core/ledger/parts/reading.ts',
    find: "connect(work, { type: 'silent' })",
    put: (isOn) => `connect(work, { type: ${isOn} ? 'refused' : 'silent' })`,
  },
} satisfies Readonly<Record<string, Mutation>>

const ALONE: Plant['profile'] = {
  isOdd: true,
  browsers: 2,
  tabsPerBrowser: 1,
  compacts: false,
  isTroubled: false,
  hasPresence: false,
}

/** The profile that each mutant needs to have an effect. */
export const ODDITY_PROFILES: Readonly<Record<keyof typeof ODDITY_MUTANTS, Plant['profile']>> = {
  'content of another persistence is not compared with state': { ...ALONE, isKept: false },
  'damaged data of the device is accepted': { isOdd: true, isKept: true },
  'the provider does not recover from a failed step': ALONE,
  'an edit that could not be handled is not tried again': {
    isOdd: true,
    browsers: 2,
    tabsPerBrowser: 2,
    hasLocks: true,
    isKept: true,
  },
  'an update that could not be applied is skipped': ALONE,
  'a silent stream ends reading': { ...ALONE, live: 'sse' },
}

/** The steps of a run in which each mutant has an effect. */
export const ODDITY_STEPS: Partial<Record<keyof typeof ODDITY_MUTANTS, Plant['steps']>> = {
  'content of another persistence is not compared with state': [
    { type: 'open', who: 0 },
    { type: 'pass', ms: 1_500 },
    { type: 'offline', who: 0 },
    { type: 'edit', who: 0 },
    { type: 'edit', who: 0 },
    { type: 'crash', who: 0 },
    { type: 'open', who: 0 },
    { type: 'load another persistence', who: 0 },
    { type: 'pass', ms: 150 },
    { type: 'online', who: 0 },
    { type: 'pass', ms: 1_500 },
  ],
  'the provider does not recover from a failed step': [
    { type: 'open', who: 0 },
    { type: 'edit', who: 0 },
    { type: 'pass', ms: 1_500 },
    { type: 'fail to handle an edit', who: 0 },
    { type: 'pass', ms: 1_500 },
  ],
  'an edit that could not be handled is not tried again': [
    { type: 'open', who: 0, tab: 0 },
    { type: 'open', who: 0, tab: 1 },
    { type: 'pass', ms: 1_500 },
    { type: 'fail to handle an edit', who: 0, tab: 1 },
    { type: 'pass', ms: 15 },
    { type: 'crash', who: 0, tab: 1 },
    { type: 'pass', ms: 1_500 },
  ],
  'an update that could not be applied is skipped': [
    { type: 'open', who: 0 },
    { type: 'open', who: 1 },
    { type: 'pass', ms: 1_500 },
    { type: 'fail to apply an update', who: 0 },
    { type: 'edit', who: 1 },
    { type: 'pass', ms: 1_500 },
  ],
  'a silent stream ends reading': [
    { type: 'open', who: 0 },
    { type: 'open', who: 1 },
    { type: 'edit', who: 1 },
    { type: 'pass', ms: 4_000 },
    { type: 'silence the streams' },
    { type: 'edit', who: 1 },
    { type: 'pass', ms: 4_000 },
    { type: 'edit', who: 1 },
    { type: 'pass', ms: 4_000 },
  ],
}
