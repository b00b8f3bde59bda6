import type { Change } from '../capture/reassembler.ts'
import type { Fields } from '../capture/record.ts'
import { type Condition, termsHold } from '../where/condition.ts'
import type { Decisions, Question } from '../where/decide.ts'
import type { Definition } from './definition.ts'
import type { ShapeChange } from './message.ts'

/**
 * The part of a change that belongs to the shape of a condition; null if none does, undefined if
 * Postgres could not decide it.
 */
export function seenBy(
  condition: Condition,
  change: Change,
  decisions: Decisions,
): ShapeChange | null | undefined {
  const belongs = (row: Fields | null): boolean | undefined => {
    if (row === null || !termsHold(condition, row)) return false
    return condition.rest === null || decisions.of(row, condition.rest)
  }
  const oldBelongs = belongs(change.old)
  const newBelongs = belongs(change.new)
  if (oldBelongs === undefined || newBelongs === undefined) return undefined
  return oldBelongs || newBelongs ? { change, oldBelongs, newBelongs } : null
}

/** The questions that Postgres must answer to decide which part of a change belongs to a shape. */
export function questionsOf({ table, condition }: Definition, change: Change): Question[] {
  const { rest } = condition
  if (rest === null) return []
  return [change.old, change.new].flatMap((row) =>
    row !== null && termsHold(condition, row) ? [{ table, row, rest }] : [],
  )
}

/** The columns that a condition fixes, and their values. */
export function fixedBy(condition: Condition): { indexes: number[]; values: Fields } {
  const indexes: number[] = []
  const values: (string | null)[] = []
  for (const { index, test } of condition.terms) {
    if (test === 'notNull') continue
    indexes.push(index)
    values.push(test === 'null' ? null : test.equals)
  }
  return { indexes, values }
}

export const valuesKey = (values: readonly (string | null)[]): string => JSON.stringify(values)

export function getOrSet<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
