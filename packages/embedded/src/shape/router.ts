import type { Transaction } from '../capture/feed.ts'
import type { Fields } from '../capture/record.ts'
import { fixedBy, getOrSet, seenBy, valuesKey } from './concern.ts'
import type { ShapeChange } from './message.ts'
import type { Shape } from './shape.ts'

/** Shapes of one table whose conditions fix the same columns: found by those columns' values. */
interface Group {
  readonly indexes: readonly number[]
  readonly byValues: Map<string, Set<Shape>>
}

/** Finds the shapes that a change concerns, without asking each one. */
export class Router {
  readonly #tables = new Map<number, Map<string, Group>>()

  add(shape: Shape): void {
    const { table, condition } = shape.definition
    if (condition.never) return
    const { indexes, values } = fixedBy(condition)
    const groups = getOrSet(this.#tables, table.oid, () => new Map<string, Group>())
    const group = getOrSet(groups, indexes.join(), () => ({ indexes, byValues: new Map() }))
    getOrSet(group.byValues, valuesKey(values), () => new Set<Shape>()).add(shape)
  }

  remove(shape: Shape): void {
    const { table, condition } = shape.definition
    const { oid } = table
    const { indexes, values } = fixedBy(condition)
    const groups = this.#tables.get(oid)
    const group = groups?.get(indexes.join())
    const shapes = group?.byValues.get(valuesKey(values))
    if (groups === undefined || group === undefined || shapes === undefined) return
    shapes.delete(shape)
    if (shapes.size === 0) group.byValues.delete(valuesKey(values))
    if (group.byValues.size === 0) groups.delete(indexes.join())
    if (groups.size === 0) this.#tables.delete(oid)
  }

  shapesOf(table: number): Shape[] {
    const shapes: Shape[] = []
    for (const group of this.#tables.get(table)?.values() ?? []) {
      for (const set of group.byValues.values()) shapes.push(...set)
    }
    return shapes
  }

  /** Each shape concerned with its part of the transaction, in order. Truncates are not routed. */
  route(transaction: Transaction): Map<Shape, ShapeChange[]> {
    const routed = new Map<Shape, ShapeChange[]>()
    for (const change of transaction.changes) {
      const groups = this.#tables.get(change.table)
      if (groups === undefined) continue
      for (const group of groups.values()) {
        const before = find(group, change.old)
        const after = find(group, change.new)
        for (const shape of new Set([...before, ...after])) {
          const seen = seenBy(shape.definition.condition, change)
          if (seen !== null) getOrSet(routed, shape, () => []).push(seen)
        }
      }
    }
    return routed
  }
}

const NONE: ReadonlySet<Shape> = new Set()

function find(group: Group, row: Fields | null): ReadonlySet<Shape> {
  if (row === null) return NONE
  return group.byValues.get(valuesKey(group.indexes.map((index) => row[index] ?? null))) ?? NONE
}
