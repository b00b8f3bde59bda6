import type { Change } from '../capture/reassembler.ts'
import type { Fields } from '../capture/record.ts'
import { type Condition, matches } from '../where/condition.ts'
import type { ShapeChange } from './message.ts'

/** A change as the shape of a condition sees it, or null if it does not. */
export function seenBy(condition: Condition, change: Change): ShapeChange | null {
  const oldBelongs = change.old !== null && matches(condition, change.old)
  const newBelongs = change.new !== null && matches(condition, change.new)
  return oldBelongs || newBelongs ? { change, oldBelongs, newBelongs } : null
}

/** The columns that a condition fixes, and to what. */
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
