// The types of steps of a run.
import { COMPACTOR_MOODS, compactorStep } from './compactor.ts'
import { editAtRandom } from './edits.ts'
import { Chance } from './kernel/chance.ts'
import type { Act, Kind } from './kind.ts'
import { NETWORK_FAULTS, ROUTES } from './network/faults.ts'
import { ODDITIES, odditiesOf } from './oddities.ts'
import type { Profile } from './profile.ts'
import type { Step } from './step.ts'
import { NEIGHBOURS, TROUBLES, troublesOf } from './troubles.ts'
import { visitorStep } from './visitor.ts'
import type { World } from './world.ts'

const onPerson =
  (act: (person: ReturnType<World['person']>, step: Step) => void): Act =>
  (world, step) =>
    act(world.person(step.who), step)

const KINDS: Readonly<Record<string, Kind>> = {
  edit: {
    weight: 30,
    act: (world, { who, tab, seed }) => {
      const chance = new Chance(seed)
      world.awake(who, tab)?.edit((doc) => editAtRandom(doc, chance.number))
    },
  },
  pass: { weight: 22, act: (world, { ms }) => world.pass(ms) },
  open: { weight: 4, act: (world, { who, tab }) => void world.open(who, tab) },
  crash: { weight: 3, act: (world, { who, tab }) => world.end(who, tab, 'crash') },
  close: { weight: 2, act: (world, { who, tab }) => world.end(who, tab, 'close') },
  freeze: { weight: 2, act: (world, { who, tab }) => world.open(who, tab).page.setFrozen(true) },
  thaw: { weight: 3, act: (world, { who, tab }) => world.open(who, tab).page.setFrozen(false) },
  hide: { weight: 1, act: (world, { who, tab }) => world.open(who, tab).page.setHidden(true) },
  show: { weight: 1, act: (world, { who, tab }) => world.open(who, tab).page.setHidden(false) },
  disconnect: {
    weight: 2,
    act: (world, { who, tab }) => {
      const found = world.awake(who, tab)
      if (found === null) return
      found.isConnected = false
      found.provider.disconnect()
    },
  },
  connect: {
    weight: 3,
    act: (world, { who, tab }) => {
      const found = world.awake(who, tab)
      if (found !== null && !found.isConnected) world.connect(found)
    },
  },
  offline: { weight: 2, act: onPerson(({ browser }) => browser.setOnline(false)) },
  online: { weight: 3, act: onPerson(({ browser }) => browser.setOnline(true)) },
  'steal the lead': {
    weight: 1,
    act: onPerson(({ browser }) => {
      for (const name of browser.locks.names()) {
        if (name.startsWith('y-electric:leader:')) browser.locks.steal(name)
      }
    }),
  },
  'jump the clock': {
    weight: 1,
    act: onPerson(({ browser }, { ms, count }) => browser.jumpClock(ms * (count - 2) * 10)),
  },
  'stop the clock': { weight: 1, act: onPerson(({ browser }) => browser.setClockRunning(false)) },
  'run the clock': { weight: 2, act: onPerson(({ browser }) => browser.setClockRunning(true)) },
  'fail the device': {
    weight: 1,
    act: onPerson(({ device }, { count }) => device.failNext(count)),
  },
  'stall the device': { weight: 2, act: onPerson(({ device }, { ms }) => device.stall(ms)) },
  network: {
    weight: 12,
    act: (world, { who, fault, route }) =>
      world.network.plan(world.person(who).browser.options.name, { fault, route }),
  },
  'cut connections': {
    weight: 2,
    act: onPerson(({ browser }) => {
      for (const page of browser.pages) page.breakConnections()
    }),
  },
  'kill a server': {
    weight: 3,
    act: (world, { seed, count }) => {
      const alive = world.servers.filter(({ isDead }) => !isDead)
      if (alive.length > 0) new Chance(seed).pick(alive).dieSoon(count)
    },
  },
  'start a server': { weight: 3, act: (world) => void startServer(world) },
  'break statements': {
    weight: 2,
    act: (world, { seed, count }) => {
      const alive = world.servers.filter(({ isDead }) => !isDead)
      if (alive.length > 0) new Chance(seed).pick(alive).breakStatements(count)
    },
  },
  'stall the shapes': { weight: 1, act: (world, { ms }) => world.shapes.stall(ms) },
  'forget the shapes': { weight: 1, act: (world) => world.shapes.forget() },
  // All clients write while a segment is sealed.
  burst: {
    weight: 6,
    act: (world, { seed, count }) => {
      const chance = new Chance(seed)
      for (const tab of world.tabs()) {
        if (!tab.page.isFrozen) tab.edit((doc) => editAtRandom(doc, chance.number))
      }
      compactorStep(world, chance, count % 2 === 0 ? 'rolls' : 'rolls and folds')
    },
  },
  visitor: { weight: 4, act: (world, { seed, ms }) => visitorStep(world, new Chance(seed), ms) },
  compactor: {
    weight: 8,
    act: (world, { seed, who, count }) =>
      compactorStep(
        world,
        new Chance(seed),
        COMPACTOR_MOODS[(who + count) % COMPACTOR_MOODS.length],
      ),
  },
}

/** Starts a server, unless the profile allows no more servers. */
function startServer(world: World): void {
  const alive = world.servers.filter(({ isDead }) => !isDead)
  if (alive.length < world.profile.servers) world.startServer()
}

const WEIGHTED = Object.entries(KINDS).flatMap(([type, { weight }]) =>
  Array.from({ length: weight }, () => type),
)
const TIMES_MS = [0, 3, 10, 40, 150, 600, 1_500, 4_000]

/** Chooses all steps of a run before the first one runs. */
export function stepsOf(profile: Profile): Step[] {
  const steps = drawSteps(profile, Chance.of(profile.seed, 'steps'), profile.steps, WEIGHTED)
  insert(steps, troublesOf(profile), profile, Chance.of(profile.seed, 'steps of troubles'))
  insert(steps, odditiesOf(profile), profile, Chance.of(profile.seed, 'steps of oddities'))
  return steps
}

function insert(
  steps: Step[],
  places: readonly (readonly [at: number, type: string])[],
  profile: Profile,
  chance: Chance,
): void {
  for (const [at, type] of places) steps.splice(at, 0, ...drawSteps(profile, chance, 1, [type]))
}

/** Completes the given steps: their missing parts are random. */
export const scripted = (
  profile: Profile,
  steps: readonly (Partial<Step> & Pick<Step, 'type'>)[],
): Step[] => {
  const drawn = drawSteps(profile, Chance.of(profile.seed, 'steps'), steps.length, WEIGHTED)
  return drawn.map((step, i) => ({ ...step, ...steps[i] }))
}

function drawSteps(
  profile: Profile,
  chance: Chance,
  length: number,
  types: readonly string[],
): Step[] {
  return Array.from({ length }, () => ({
    type: chance.pick(types),
    seed: chance.below(2 ** 31),
    who: chance.below(profile.browsers),
    tab: chance.below(profile.tabsPerBrowser),
    ms: chance.pick(TIMES_MS),
    count: 1 + chance.below(12),
    fault: chance.pick(NETWORK_FAULTS),
    route: chance.pick(ROUTES),
  }))
}

/** Describes a step for a person. */
export function describe({ type, who, tab, ms, count, fault, route }: Step): string {
  const place = `browser ${String.fromCharCode(97 + who)}, tab ${tab}`
  switch (type) {
    case 'pass':
      return `${ms} ms pass`
    case 'network':
      return `the network will ${fault} (${route}), browser ${String.fromCharCode(97 + who)}`
    case 'kill a server':
    case 'break statements':
    case 'fail the device':
    case 'compactor':
      return `${type} (${count}), ${place}`
    default:
      return `${type}, ${place}`
  }
}

export async function take(world: World, step: Step): Promise<void> {
  const kind =
    KINDS[step.type] ?? TROUBLES[step.type] ?? NEIGHBOURS[step.type] ?? ODDITIES[step.type]
  if (kind === undefined) throw new Error(`there is no step "${step.type}"`)
  world.trace.note('step', describe(step))
  await kind.act(world, step)
  await world.timeline.settle()
  world.check()
}
