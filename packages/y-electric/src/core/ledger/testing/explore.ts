// Runs every schedule of the world of the ledger, or finds one that breaks a rule.
import { choicesOf, restProblem } from './choices.ts'
import { type Edit, Model, type World, type WorldOptions } from './world.ts'

export interface Exploration {
  /** Different worlds that were reached. */
  readonly states: number
  /** Different worlds in which nothing more can happen. */
  readonly ends: number
  readonly violation: { readonly rule: string; readonly trace: readonly string[] } | null
}

/** Every order of everything that can happen. Ends at the first violation. */
export function exploreLedger(options: WorldOptions): Exploration {
  const model = new Model(options)
  const known = new Set<string>()
  const trace: string[] = []
  let ends = 0

  function visit(world: World): Exploration['violation'] {
    if (world.broken !== null) return { rule: world.broken, trace: [...trace] }
    const key = keyOf(world)
    if (known.has(key)) return null
    known.add(key)
    const choices = choicesOf(model, world, options)
    if (choices.every(({ isFault }) => isFault)) {
      ends += 1
      const rule = restProblem(world)
      if (rule !== null) return { rule, trace: [...trace] }
    }
    for (const { name, next } of choices) {
      trace.push(name)
      const violation = visit(next(world))
      trace.pop()
      if (violation !== null) return violation
    }
    return null
  }

  const violation = visit(model.begin())
  return { states: known.size, ends, violation }
}

const texts = new WeakMap<Uint8Array, string>()

/** Worlds with the same key go on in the same way. */
function keyOf(world: World): string {
  return JSON.stringify(world, (name, value: unknown) => {
    if (value instanceof Uint8Array) {
      const text = texts.get(value) ?? value.join()
      texts.set(value, text)
      return text
    }
    if (value instanceof Map) return [...value]
    if (value instanceof Set) return [...value]
    // Reports and ages decide nothing.
    return name === 'error' || name === 'lastSavedAt' || name === 'rejoinedAt' ? undefined : value
  })
}

export type { Edit }
