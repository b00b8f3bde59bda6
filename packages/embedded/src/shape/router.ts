import type { Transaction } from '../capture/feed.ts'
import type { Change } from '../capture/reassembler.ts'
import type { Fields } from '../capture/record.ts'
import type { Decisions, Question } from '../where/decide.ts'
import { fixedBy, getOrSet, questionsOf, seenBy, valuesKey } from './match.ts'
import type { ShapeChange } from './message.ts'
import { hasColumnsOf, type Shape } from './shape.ts'

/** Shapes of one table whose conditions fix the same columns, indexed by those columns' values. */
interface Group {
  readonly indexes: readonly number[]
  readonly byValues: Map<string, Set<Shape>>
}

/** Finds the shapes that a change affects without testing each shape. */
export class Router {
  readonly #tables = new Map<number, Map<string, Group>>()
  /** The shapes whose conditions need decisions by Postgres. */
  readonly #asking = new Set<Shape>()

  add(shape: Shape): void {
    const { table, condition } = shape.definition
    if (condition.never) return
    if (condition.rest !== null) this.#asking.add(shape)
    const { indexes, values } = fixedBy(condition)
    const groups = getOrSet(this.#tables, table.oid, () => new Map<string, Group>())
    const group = getOrSet(groups, indexes.join(), () => ({ indexes, byValues: new Map() }))
    getOrSet(group.byValues, valuesKey(values), () => new Set<Shape>()).add(shape)
  }

  remove(shape: Shape): void {
    this.#asking.delete(shape)
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

  /** The questions that Postgres must answer before a transaction can be routed; usually none. */
  questions(transaction: Transaction): Question[] {
    const questions: Question[] = []
    if (this.#asking.size === 0) return questions
    for (const change of transaction.changes) {
      for (const shape of this.#matching(change)) {
        const { definition } = shape
        if (!this.#asking.has(shape) || !hasColumnsOf(definition, change)) continue
        questions.push(...questionsOf(definition, change))
      }
    }
    return questions
  }

  /**
   * Maps each affected shape to its part of the transaction, in order, or to null if that part cannot
   * be determined. Truncates are not routed.
   */
  route(transaction: Transaction, decisions: Decisions): Map<Shape, ShapeChange[] | null> {
    const routed = new Map<Shape, ShapeChange[] | null>()
    for (const change of transaction.changes) {
      for (const shape of this.#matching(change)) {
        const seen = seenBy(shape.definition.condition, change, decisions)
        if (seen === undefined) routed.set(shape, null)
        else if (seen !== null) getOrSet(routed, shape, () => [])?.push(seen)
      }
    }
    return routed
  }

  #matching(change: Change): Set<Shape> {
    const shapes = new Set<Shape>()
    for (const group of this.#tables.get(change.table)?.values() ?? []) {
      for (const shape of find(group, change.old)) shapes.add(shape)
      for (const shape of find(group, change.new)) shapes.add(shape)
    }
    return shapes
  }
}

const NONE: ReadonlySet<Shape> = new Set()

function find(group: Group, row: Fields | null): ReadonlySet<Shape> {
  if (row === null) return NONE
  return group.byValues.get(valuesKey(group.indexes.map((index) => row[index] ?? null))) ?? NONE
}
