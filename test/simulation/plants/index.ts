// Every fault that can be planted. The tests require that the simulator catches each of them.
import type { Plant } from '../plant.ts'
import { CLIENT_MUTANTS } from './client-mutants.ts'
import { DELETION_PLANTS } from './deletion.ts'
import { DEVICE_PLANTS, STORED_AND_NOT_SENT } from './device.ts'
import { ODDITY_PROFILES, ODDITY_STEPS } from './oddity-mutants.ts'
import { SERVER_MUTANTS } from './server-mutants.ts'
import { STORED_PLANTS } from './stored.ts'
import { WIRE_PLANTS, withoutNewest } from './wire.ts'

/** A browser whose read access was revoked has a stream open while another browser writes. */
const REVOKED: Plant['profile'] = { live: 'sse', browsers: 2, tabsPerBrowser: 1, compacts: false }
const WHILE_REVOKED: Plant['steps'] = [
  { type: 'open', who: 0 },
  { type: 'edit', who: 1 },
  { type: 'pass', ms: 1_500 },
  { type: 'take the right to read', who: 0 },
  { type: 'pass', ms: 4_000 },
  { type: 'edit', who: 1 },
  { type: 'pass', ms: 600 },
]

/** The steps of a run in which a mutant has an effect. */
const STEPS: Readonly<Record<string, Plant['steps']>> = {
  ...ODDITY_STEPS,
  'events of a joint stream go to the stream before it': [
    { type: 'open', who: 0 },
    { type: 'edit', who: 0 },
    { type: 'pass', ms: 1_500 },
    { type: 'open the other document', who: 0 },
    { type: 'pass', ms: 600 },
    { type: 'edit the other document', who: 1 },
    { type: 'pass', ms: 1_500 },
  ],
  'a failed batch is not sent again': [
    { type: 'edit' },
    { type: 'pass', ms: 1_500 },
    { type: 'network', fault: 'answer 503 on the way', route: 'updates' },
    { type: 'edit' },
    { type: 'pass', ms: 600 },
  ],
  'an edit is not recorded on the device': STORED_AND_NOT_SENT.steps,
  'a stream continues after its right was revoked': WHILE_REVOKED,
  'a revocation does not reach open streams': WHILE_REVOKED,
  'a server ignores the revocations of other servers': WHILE_REVOKED,
  // The tab that made an edit has lost its store and is frozen; another tab stores the part of the edit
  // that it received.
  'a resume point is recorded while edits of other tabs are unsent': [
    { type: 'open', who: 0, tab: 0 },
    { type: 'open', who: 0, tab: 1 },
    { type: 'pass', ms: 1_500 },
    { type: 'network', who: 0, fault: 'lose the request', route: 'updates' },
    { type: 'fail the device', who: 0, count: 1 },
    { type: 'edit', who: 0, tab: 1 },
    { type: 'freeze', who: 0, tab: 1 },
    { type: 'pass', ms: 10 },
    { type: 'edit', who: 1, tab: 0 },
    { type: 'pass', ms: 600 },
    { type: 'crash', who: 0, tab: 1 },
    { type: 'crash', who: 0, tab: 0 },
    { type: 'open', who: 0, tab: 0 },
    { type: 'pass', ms: 1_500 },
  ],
}

/** The profile that a mutant needs to have an effect. */
const PROFILES: Readonly<Record<string, Plant['profile']>> = {
  ...ODDITY_PROFILES,
  'a resume point is committed without its rows': { isKept: true, browsers: 2 },
  'a resume point is recorded while edits of other tabs are unsent': {
    isKept: true,
    hasLocks: true,
    browsers: 2,
    tabsPerBrowser: 2,
    compacts: false,
  },
  'an edit is not recorded on the device': STORED_AND_NOT_SENT.profile,
  'a failed batch is not sent again': { browsers: 1, tabsPerBrowser: 1, compacts: false },
  'an edit is removed from the device store when it is sent, not when it is acked': {
    isKept: true,
  },
  'a silent client never disappears': { hasPresence: true, browsers: 2 },
  'a bad row of a segment is treated as a good one': { isTroubled: true },
  'a bad row of a segment ends reading': { isTroubled: true },
  'a bad row of state is not left out': { isTroubled: true },
  'a bad row hides all rows of state that come after it': { isTroubled: true },
  'a refused batch is dropped': { isTroubled: true },
  'resend drops edits that the server lacks': { isTroubled: true },
  'a deleted document is requested again and again': { isTroubled: true },
  'an update is stored without being examined': { isTroubled: true },
  'a revocation does not reach open streams': REVOKED,
  'a server ignores the revocations of other servers': { ...REVOKED, servers: 2 },
  'a refusal of the hook is treated as a permission': { isTroubled: true },
  'a stream continues after its right was revoked': { ...REVOKED, live: 'shared' },
  'events of a joint stream go to the stream before it': {
    live: 'shared',
    hasPresence: false,
    browsers: 2,
    tabsPerBrowser: 1,
    compacts: false,
  },
}

const mutants = (
  all: Readonly<Record<string, unknown>>,
  where: 'serverMutant' | 'clientMutant',
): Plant[] =>
  Object.keys(all).map((name) => ({
    name,
    about: `a mutant of the ${where === 'serverMutant' ? 'server' : 'provider'}`,
    [where]: name,
    ...(PROFILES[name] && { profile: PROFILES[name] }),
    ...(STEPS[name] && { steps: STEPS[name] }),
  }))

/** The schema and the fold refuse this too, so the defect needs a mutant of all three. */
const COLLECTS_HISTORY: Plant = {
  name: 'a fold collects a history that is kept',
  about: 'the server does not know that the document keeps its history',
  serverMutant: 'a fold collects a history that is kept',
  profile: { keepsHistory: true, compacts: false, browsers: 1 },
  steps: [
    ...Array.from({ length: 10 }, () => ({ type: 'edit' })),
    { type: 'pass', ms: 1_500 },
    { type: 'fold without the history' },
    { type: 'pass', ms: 600 },
  ],
  statement: (text, { values }, run) => {
    if (text.includes('INSERT INTO ydoc_snapshot')) (values as unknown[])[6] = true
    const rows = run()
    if (!text.includes('d.keep_history, n.seq AS snapshot_seq')) return rows
    return rows.map((row) => ({ ...row, keep_history: false }))
  },
}

const EDITS_OF_ANOTHER: Plant['steps'] = Array.from({ length: 6 }, () => [
  { type: 'edit', who: 1 } as const,
  { type: 'pass', ms: 600 } as const,
]).flat()

const ROLL: Plant['steps'] = [
  { type: 'compactor', who: 0, count: 0 },
  { type: 'pass', ms: 600 },
]

/**
 * A page is frozen while two segments are sealed. It reads the seal of the first one, and its request for the
 * second one arrives when the service has dropped all shapes. The service then creates the shape for this
 * request, with its first rows in any order.
 */
const READS_A_SEALED_SEGMENT: Plant['steps'] = [
  { type: 'open', who: 1 },
  { type: 'pass', ms: 1_500 },
  { type: 'open', who: 0 },
  { type: 'pass', ms: 1_500 },
  { type: 'freeze', who: 0 },
  ...EDITS_OF_ANOTHER,
  ...ROLL,
  ...EDITS_OF_ANOTHER,
  ...ROLL,
  { type: 'network', who: 0, fault: 'deliver the request late', route: 'segments' },
  { type: 'thaw', who: 0 },
  { type: 'pass', ms: 10 },
  { type: 'forget the shapes' },
  { type: 'pass', ms: 4_000 },
  { type: 'pass', ms: 4_000 },
]

/** Readers learn the order of segments in several ways, so the defect needs a mutant of each way. */
const UNANNOUNCED: readonly Plant[] = [
  {
    name: 'the seal is treated as an empty row',
    about: 'the reader stays in a sealed segment, and gets no other notice of the next one',
    clientMutant: 'the seal is treated as an empty row',
    ...withoutNewest,
  },
  {
    name: 'the seal is acted on before the rows that come after it',
    about:
      'the reader leaves a segment before it has read all rows, and gets no other notice of them',
    clientMutant: 'the seal is acted on before the rows that come after it',
    ...withoutNewest,
    profile: {
      ...withoutNewest.profile,
      browsers: 2,
      tabsPerBrowser: 1,
      compacts: false,
      isTroubled: false,
      hasPresence: false,
    },
    steps: READS_A_SEALED_SEGMENT,
  },
]

const isUnannounced = ({ name }: Plant): boolean => UNANNOUNCED.some((plant) => plant.name === name)

const ALL: readonly Plant[] = [
  ...STORED_PLANTS,
  ...WIRE_PLANTS,
  ...DEVICE_PLANTS,
  ...DELETION_PLANTS,
  ...mutants(SERVER_MUTANTS, 'serverMutant').filter(({ name }) => name !== COLLECTS_HISTORY.name),
  COLLECTS_HISTORY,
  ...mutants(CLIENT_MUTANTS, 'clientMutant').filter((plant) => !isUnannounced(plant)),
  ...UNANNOUNCED,
]

/** Other rare faults would only make the runs that show a fault longer. */
export const PLANTS: readonly Plant[] = ALL.map((plant) => ({
  ...plant,
  profile: { isOdd: false, ...plant.profile },
}))
