// Runs every schedule of the world of the ledger, or finds one that breaks a rule.
import { choicesOf, restProblem } from './choices.ts'
import { editsIn } from './edits.ts'
import { Model, type World, type WorldOptions } from './world.ts'

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

const texts = new WeakMap<object, string>()

/**
 * Worlds with the same key have the same future. They share most of their parts, so the texts are
 * cached.
 */
function keyOf({ ledger, ...around }: World): string {
  return [...Object.values(ledger), ...Object.values(around)].map(textOf).join('|')
}

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const text = texts.get(value) ?? JSON.stringify(value, plain)
  texts.set(value, text)
  return text
}

function plain(name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return editsIn(value)
  if (value instanceof Map || value instanceof Set) return [...value]
  // Reports and ages influence no decision.
  return name === 'error' || name === 'lastSavedAt' || name === 'rejoinedAt' ? undefined : value
}
