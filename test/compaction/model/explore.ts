// Runs the model: every possible schedule, or many random ones.
import { crash, type Program } from './actors.ts'
import { checkAtRest, newWorld, release, type World } from './world.ts'

export interface Violation {
  readonly rule: string
  /** The actions so far, in order. */
  readonly trace: readonly string[]
}

export interface Exploration {
  /**
   * The number of complete schedules. Schedules that lead to the same states are counted, but run only
   * once.
   */
  readonly schedules: bigint
  readonly states: number
  readonly violation: Violation | null
}

/** A possible next action: a statement of an actor, or a crash in the middle of its transaction. */
interface Choice {
  readonly actor: number
  readonly isCrash: boolean
}

function choicesOf(world: World, programs: readonly Program[]): Choice[] {
  const choices: Choice[] = []
  for (const [index, actor] of world.actors.entries()) {
    const program = programs[index]
    const statement = program?.statements[actor.at]
    if (program === undefined || statement === undefined || actor.done) continue
    if (statement.ready?.(world, index, actor) ?? true)
      choices.push({ actor: index, isCrash: false })
    if (world.crashesLeft > 0 && program.onCrash !== 'immune' && actor.at > 0) {
      choices.push({ actor: index, isCrash: true })
    }
  }
  return choices
}

function act(world: World, programs: readonly Program[], { actor: self, isCrash }: Choice): string {
  const actor = world.actors[self]
  const program = programs[self]
  const statement = program?.statements[actor?.at ?? 0]
  if (actor === undefined || program === undefined || statement === undefined) {
    throw new Error('this choice does not exist')
  }
  if (isCrash) {
    crash(world, self, actor, program)
    return `${program.name} crashes before "${statement.name}"`
  }
  const next = statement.run(world, self, actor)
  if (next === 'end') {
    release(world, self, actor)
    actor.done = true
  } else actor.at = next ?? actor.at + 1
  if (actor.at >= program.statements.length) actor.done = true
  if (actor.done) forget(actor)
  return `${program.name}: ${statement.name}`
}

/** Clears the memory of a finished actor, which has no effect any more. */
function forget(actor: World['actors'][number]): void {
  Object.assign(actor, { at: 0, segment: 0, through: -1, base: null, taken: [], proposal: {} })
}

const followersOf = (programs: readonly Program[]): number[] =>
  programs.flatMap(({ isFollower }, index) => (isFollower ? [index] : []))

/**
 * A copy on which one actor may act. Rows, logs, snapshots and the other actors are never changed
 * in place, so the copy shares them.
 */
function copyFor(world: World, self: number): World {
  const actors = [...world.actors]
  const actor = actors[self]
  if (actor !== undefined) {
    const { inserts, deletes } = actor.tx
    actors[self] = {
      ...actor,
      tx: { ...actor.tx, inserts: [...inserts], deletes: [...deletes] },
      received: [...actor.received],
    }
  }
  return {
    ...world,
    shared: [...world.shared],
    lockedRows: { ...world.lockedRows },
    acked: [...world.acked],
    actors,
  }
}

/** Returns the same text for equal worlds only: large parts are represented by a number. */
function newKeys(): (world: World) => string {
  const numbers = new Map<string, number>()
  const numbered = new WeakMap<object, number>()
  const numberOf = (part: object | null): number => {
    if (part === null) return -1
    let number = numbered.get(part)
    if (number === undefined) {
      const text = JSON.stringify(part)
      number = numbers.get(text) ?? numbers.size
      numbers.set(text, number)
      numbered.set(part, number)
    }
    return number
  }
  return ({ rows, logs, snapshot, actors, ...small }) =>
    JSON.stringify([small, [rows, logs, snapshot, ...actors].map(numberOf)])
}

/** Runs every interleaving. Ends at the first violation. */
export function exploreAll(programs: readonly Program[], crashes: number): Exploration {
  const known = new Map<string, bigint>()
  const keyOf = newKeys()
  const followers = followersOf(programs)
  const trace: string[] = []
  let violation: Violation | null = null

  function visit(world: World): bigint {
    const key = keyOf(world)
    const counted = known.get(key)
    if (counted !== undefined) return counted
    const choices = choicesOf(world, programs)
    if (choices.length === 0) {
      checkAtRest(world, followers)
      if (world.broken !== null) violation = { rule: world.broken, trace: [...trace] }
    }
    let schedules = choices.length === 0 ? 1n : 0n
    for (const choice of choices) {
      const next = copyFor(world, choice.actor)
      trace.push(act(next, programs, choice))
      if (next.broken !== null) violation = { rule: next.broken, trace: [...trace] }
      if (violation === null) schedules += visit(next)
      trace.pop()
      if (violation !== null) break
    }
    known.set(key, schedules)
    return schedules
  }

  const schedules = visit(newWorld(programs.length, crashes))
  return { schedules, states: known.size, violation }
}

/** Runs one random schedule. */
export function walk(
  programs: readonly Program[],
  crashes: number,
  random: () => number,
): Violation | null {
  const world = newWorld(programs.length, crashes)
  const trace: string[] = []
  for (;;) {
    const choices = choicesOf(world, programs)
    // Crashes are rare, because otherwise no schedule would end.
    const likely = choices.filter(({ isCrash }) => !isCrash || random() < 0.1)
    const from = likely.length > 0 ? likely : choices.filter(({ isCrash }) => !isCrash)
    const choice = from[Math.floor(random() * from.length)]
    if (choice === undefined) break
    trace.push(act(world, programs, choice))
    if (world.broken !== null) return { rule: world.broken, trace }
  }
  checkAtRest(world, followersOf(programs))
  return world.broken === null ? null : { rule: world.broken, trace }
}
