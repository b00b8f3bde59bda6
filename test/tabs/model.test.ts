// ACK-2, SYNC-1, DEV-1 and SYNC-2 hold for the tabs of one browser, with and without a device store,
// whatever happens: tabs are closed, killed between any two storage steps, frozen, hidden or offline, the
// lock of the leader is stolen, answers are lost, segments are rolled and folded. The provider, its tabs
// and its store are real. The browser, the server and time are simulated.
//
//   Y_ELECTRIC_SEED=… npx vitest run --project integration test/tabs/model    one run again
//   Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/tabs/model    many runs
import fc from 'fast-check'
import { test } from 'vitest'
import { World } from './world.ts'

const isDeep = process.env.Y_ELECTRIC_DEEP === '1'
const chosenSeed = process.env.Y_ELECTRIC_SEED

/** The model only counts steps. The rules are checked on the real parts. */
type Model = { steps: number }

class Step implements fc.AsyncCommand<Model, World> {
  readonly #name: string
  readonly #run: (world: World) => void | Promise<void>

  constructor(name: string, run: (world: World) => void | Promise<void>) {
    this.#name = name
    this.#run = run
  }

  check(): boolean {
    return true
  }

  async run(model: Model, world: World): Promise<void> {
    model.steps += 1
    await this.#run(world)
    await world.timeline.settle()
    world.expectHonest()
  }

  toString(): string {
    return this.#name
  }
}

const tab = fc.constantFrom(0, 0, 1, 1, 2)
const onTab = (name: string, run: (world: World, tab: number) => void | Promise<void>) =>
  tab.map((index) => new Step(`${name}(${index})`, (world) => run(world, index)))
const always = (name: string, run: (world: World) => void | Promise<void>) =>
  fc.constant(new Step(name, run))

const edit = onTab('edit', (world, index) => world.edit(index))
const store = fc
  .tuple(tab, fc.integer({ min: 1, max: 5 }))
  .map(
    ([index, steps]) => new Step(`store(${index}, ${steps})`, (world) => world.store(index, steps)),
  )
const pass = fc
  .constantFrom(0, 3, 10, 40, 150, 600, 1_500, 4_000)
  .map((ms) => new Step(`pass(${ms})`, (world) => world.pass(ms)))
const commands = [
  edit,
  edit,
  edit,
  store,
  store,
  pass,
  pass,
  pass,
  onTab('open', (world, index) => void world.open(index)),
  onTab('crash', (world, index) => world.end(index, 'crash')),
  onTab('close', (world, index) => world.end(index, 'close')),
  onTab('destroy', (world, index) => world.destroy(index)),
  onTab('freeze', (world, index) => world.setFrozen(index, true)),
  onTab('thaw', (world, index) => world.setFrozen(index, false)),
  onTab('hide', (world, index) => world.setHidden(index, true)),
  onTab('show', (world, index) => world.setHidden(index, false)),
  onTab('connect', (world, index) => world.setConnected(index, true)),
  onTab('disconnect', (world, index) => world.setConnected(index, false)),
  onTab('loseAnswer', (world, index) => world.loseAnswer(index)),
  always('editElsewhere', (world) => world.editElsewhere()),
  always('online', (world) => world.browser.setOnline(true)),
  always('offline', (world) => world.browser.setOnline(false)),
  always('stealLead', (world) => world.stealLead()),
  always('roll', (world) => world.server.roll()),
  always('fold', (world) => world.server.fold()),
]

test.each([
  { name: 'tabs', isKept: false },
  { name: 'tabs that share a store', isKept: true },
])(
  '$name lose nothing, store nothing twice, and have one tab that reads for all',
  async ({ isKept }) => {
    const seed = chosenSeed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(chosenSeed)
    const property = fc.asyncProperty(
      fc.nat(),
      fc.commands(commands, { maxCommands: 60, size: 'max' }),
      async (chance, scenario) => {
        const world = new World({ seed: chance, isKept })
        try {
          await fc.asyncModelRun(() => ({ model: { steps: 0 }, real: world }), scenario)
          await world.expectWhole()
        } finally {
          await world.close()
        }
      },
    )
    const outcome = await fc.check(property, { seed, numRuns: isDeep ? 800 : 40 })
    if (!outcome.failed) return
    const rerun = `Y_ELECTRIC_SEED=${seed} npx vitest run --project integration test/tabs/model`
    const steps = `seed of the world ${outcome.counterexample?.[0]}, steps ${outcome.counterexample?.[1]}`
    throw new Error(
      `run ${outcome.numRuns} of seed ${seed} failed, shrunk ${outcome.numShrinks} times; again:\n  ${rerun}\n${steps}`,
      { cause: outcome.errorInstance },
    )
  },
)
