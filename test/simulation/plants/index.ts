// Every fault that can be planted. The tests require that the simulator catches each of them.
import type { Plant } from '../plant.ts'
import { CLIENT_MUTANTS } from './client-mutants.ts'
import { DEVICE_PLANTS } from './device.ts'
import { SERVER_MUTANTS } from './server-mutants.ts'
import { STORED_PLANTS } from './stored.ts'
import { WIRE_PLANTS } from './wire.ts'

/** The profile that a mutant needs to show. */
const PROFILES: Readonly<Record<string, Plant['profile']>> = {
  'a resume point is committed without its rows': { isKept: true, browsers: 2 },
  'an edit is not recorded on the device': { isKept: true },
  'an edit is taken out of the device when it is sent, not when it is acked': { isKept: true },
  'somebody who is silent is shown for ever': { hasPresence: true, browsers: 2 },
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
  }))

/** The schema and the fold refuse this too, so all three must be wrong for it to happen. */
const COLLECTS_HISTORY: Plant = {
  name: 'a fold collects a history that is kept',
  about: 'the server does not know that the document keeps its history',
  serverMutant: 'a fold collects a history that is kept',
  profile: { keepsHistory: true, compacts: true },
  statement: (text, { values }, run) => {
    if (text.includes('INSERT INTO ydoc_snapshot')) (values as unknown[])[6] = true
    const rows = run()
    if (!text.includes('d.keep_history, n.seq AS snapshot_seq')) return rows
    return rows.map((row) => ({ ...row, keep_history: false }))
  },
}

export const PLANTS: readonly Plant[] = [
  ...STORED_PLANTS,
  ...WIRE_PLANTS,
  ...DEVICE_PLANTS,
  ...mutants(SERVER_MUTANTS, 'serverMutant').filter(({ name }) => name !== COLLECTS_HISTORY.name),
  COLLECTS_HISTORY,
  ...mutants(CLIENT_MUTANTS, 'clientMutant'),
]
