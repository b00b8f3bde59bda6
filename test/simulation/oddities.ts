// Rare events of single pages: another persistence loads content, the store returns damaged data, the runtime
// fails within a step of the ledger or an effect, and streams stay open and deliver nothing. Only some runs
// have these events.
import { editAtRandom } from './edits.ts'
import { Chance } from './kernel/chance.ts'
import type { Kind } from './kind.ts'
import type { Profile } from './profile.ts'

export const ODDITIES: Readonly<Record<string, Kind>> = {
  'load another persistence': {
    weight: 3,
    act: (world, { who, tab }) => {
      const { otherStore } = world.person(who)
      const found = world.awake(who, tab)
      if (found === null) return
      found.hasLoadedOther = true
      found.edit((doc) => otherStore.load(doc))
    },
  },
  'damage the device': {
    weight: 3,
    act: (world, { who, count }) => world.person(who).device.damageNext(1 + (count % 2)),
  },
  'fail to handle an edit': {
    weight: 2,
    act: (world, { who, tab, seed }) => {
      const chance = new Chance(seed)
      const found = world.awake(who, tab)
      found?.page.withoutIds(() => found.edit((doc) => editAtRandom(doc, chance.number)))
    },
  },
  'fail to apply an update': {
    weight: 2,
    act: (world, { who, tab }) => {
      // The compactor also reads the client id, but does not run effects.
      if (!world.profile.compacts) world.awake(who, tab)?.failNext('clientID')
    },
  },
  'fail to compare': {
    weight: 2,
    act: (world, { who, tab }) => {
      const found = world.awake(who, tab)
      if (found === null || found.provider.refusedBatch === null) return
      found.failNext('gc')
      world.claims.connected(found)
      found.page.hasResent = true
      found.provider.resend()
    },
  },
  'silence the streams': { weight: 2, act: (world) => world.shapes.silence() },
}

const TYPES = Object.entries(ODDITIES).flatMap(([type, { weight }]) =>
  Array.from({ length: weight }, () => type),
)

/** The number of these steps that are inserted between the others. */
const FEWEST = 2
const MOST = 5

/** The types and positions of these steps, from a separate random stream. */
export function odditiesOf({ seed, isOdd, steps }: Profile): [at: number, type: string][] {
  if (!isOdd) return []
  const chance = Chance.of(seed, 'oddities')
  return Array.from({ length: FEWEST + chance.below(MOST - FEWEST + 1) }, () => [
    chance.below(steps + 1),
    chance.pick(TYPES),
  ])
}
