// ACK-2, SYNC-1, DEV-1 and SYNC-2 hold in every schedule of crashes between any two storage steps,
// reloads, network failures, lost answers and folds. Once everything works again, all content that a page
// reported as stored is on the server once, and no client has skipped a row.
//
//   Y_ELECTRIC_SEED=… npx vitest run --project integration test/persistence/model    one run again
//   Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/persistence/model    many runs
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { foldBySql } from '../e2e/fold.ts'
import {
  freshDocId,
  readUpdateRows,
  roll,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { seededRandom } from '../harness/random.ts'
import { World } from './world.ts'

const isDeep = process.env.Y_ELECTRIC_DEEP === '1'
const chosenSeed = process.env.Y_ELECTRIC_SEED

interface Real {
  readonly world: World
  readonly server: TestServer
  readonly docId: string
}
/** The model only counts commands. The rules are checked on the real parts. */
type Model = { steps: number }

class Step implements fc.AsyncCommand<Model, Real> {
  readonly #name: string
  readonly #run: (real: Real) => void | Promise<void>

  constructor(name: string, run: (real: Real) => void | Promise<void>) {
    this.#name = name
    this.#run = run
  }

  check(): boolean {
    return true
  }

  async run(model: Model, real: Real): Promise<void> {
    model.steps += 1
    await this.#run(real)
    await real.world.expectHonest()
  }

  toString(): string {
    return this.#name
  }
}

const page = fc.constantFrom(0, 0, 0, 1)
const onPage = (name: string, run: (world: World, page: number) => void | Promise<void>) =>
  page.map((index) => new Step(`${name}(${index})`, ({ world }) => run(world, index)))

const edit = onPage('edit', (world, index) => world.edit(index))
const store = fc
  .tuple(page, fc.integer({ min: 1, max: 5 }))
  .map(
    ([index, steps]) =>
      new Step(`store(${index}, ${steps})`, ({ world }) => world.store(index, steps)),
  )
const wait = fc
  .integer({ min: 0, max: 15 })
  .map(
    (ms) => new Step(`wait(${ms})`, () => new Promise<void>((resolve) => setTimeout(resolve, ms))),
  )
const commands = [
  edit,
  edit,
  store,
  store,
  wait,
  onPage('crash', (world, index) => world.crash(index)),
  onPage('close', (world, index) => world.close(index)),
  onPage('connect', (world, index) => world.setConnected(index, true)),
  onPage('disconnect', (world, index) => world.setConnected(index, false)),
  onPage('loseAnswer', (world, index) => world.loseAnswer(index)),
  fc.constant(new Step('editElsewhere', ({ world }) => world.editElsewhere())),
  fc.constant(new Step('online', ({ world }) => world.setOnline(true))),
  fc.constant(new Step('offline', ({ world }) => world.setOnline(false))),
  fc.constant(
    new Step('roll', async ({ server, docId }) => {
      if ((await readUpdateRows(server.pool, docId)).length > 0) await roll(server.pool, docId)
    }),
  ),
  fc.constant(
    new Step('fold', async ({ server, docId }) => {
      await foldBySql(server.pool, docId)
    }),
  ),
]

const backend = useBackend()
let server: TestServer
beforeAll(async () => {
  server = await serveApp({ backend: backend.current, onError: () => {} })
  return () => server.close()
})

test('stored edits arrive once, and no client skips a row', async () => {
  const seed = chosenSeed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(chosenSeed)
  const property = fc.asyncProperty(
    fc.nat(),
    fc.commands(commands, { maxCommands: 60, size: 'max' }),
    live,
  )
  const outcome = await fc.check(property, {
    seed,
    numRuns: isDeep ? 400 : 25,
    // A scenario in real time cannot be shrunk, since a smaller one runs differently.
    endOnFailure: true,
  })
  if (!outcome.failed) return
  const rerun = `Y_ELECTRIC_SEED=${seed} npx vitest run --project integration test/persistence/model`
  throw new Error(
    `run ${outcome.numRuns} of seed ${seed} failed; again:\n  ${rerun}\n${outcome.counterexample}`,
    { cause: outcome.errorInstance },
  )
})

async function live(chance: number, scenario: Iterable<fc.AsyncCommand<Model, Real>>) {
  const docId = freshDocId('device')
  const world = new World(server, docId, seededRandom(chance))
  try {
    await fc.asyncModelRun(
      () => ({ model: { steps: 0 }, real: { world, server, docId } }),
      scenario,
    )
    await world.expectWhole()
    expect(server.errors).toEqual([])
  } finally {
    await world.end()
  }
}
