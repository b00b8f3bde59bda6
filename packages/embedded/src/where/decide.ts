import type pg from 'pg'
import type { Fields } from '../capture/record.ts'
import { inReadTransaction } from '../database/transaction.ts'
import { isOfExpression } from '../errors.ts'
import { quoteIdentifier } from '../table/identifier.ts'
import type { Table } from '../table/table.ts'
import type { Rest } from './condition.ts'

/** The question whether a row satisfies the rest of a condition. */
export interface Question {
  readonly table: Table
  readonly row: Fields
  readonly rest: Rest
}

/** The decisions of Postgres about rows. */
export class Decisions {
  readonly #verdicts = new Map<Fields, Map<string, boolean>>()

  set(row: Fields, { key }: Rest, verdict: boolean): void {
    const verdicts = this.#verdicts.get(row) ?? new Map<string, boolean>()
    this.#verdicts.set(row, verdicts.set(key, verdict))
  }

  /** Undefined if Postgres could not decide, because the expression fails for this row. */
  of(row: Fields, { key }: Rest): boolean | undefined {
    return this.#verdicts.get(row)?.get(key)
  }
}

export const NO_DECISIONS = new Decisions()

const MAX_ROWS = 1_000
const MAX_RESTS = 200
/** The limit for one query; an expression that takes longer does not belong in a where clause. */
const TIMEOUT = '10s'

/**
 * Asks Postgres which rows satisfy which conditions, with one query per table, or a few if there
 * are very many rows.
 */
export async function decide(pool: pg.Pool, questions: readonly Question[]): Promise<Decisions> {
  const decisions = new Decisions()
  const byTable = new Map<Table, { rows: Set<Fields>; rests: Map<string, Rest> }>()
  for (const { table, row, rest } of questions) {
    const asked = byTable.get(table) ?? { rows: new Set<Fields>(), rests: new Map<string, Rest>() }
    asked.rows.add(row)
    asked.rests.set(rest.key, rest)
    byTable.set(table, asked)
  }
  for (const [table, { rows, rests }] of byTable) {
    for (const someRows of chunksOf([...rows], MAX_ROWS)) {
      for (const someRests of chunksOf([...rests.values()], MAX_RESTS)) {
        await ask({ pool, table, rows: someRows, rests: someRests }, decisions)
      }
    }
  }
  return decisions
}

interface Ask {
  readonly pool: pg.Pool
  readonly table: Table
  readonly rows: readonly Fields[]
  readonly rests: readonly Rest[]
}

/** Bisects to find a failing expression, so that it does not affect the answers of the others. */
async function ask(asked: Ask, decisions: Decisions): Promise<void> {
  const { rows, rests } = asked
  let verdicts: readonly (readonly boolean[])[]
  try {
    verdicts = await query(asked)
  } catch (error) {
    if (rests.length <= 1 || !isOfExpression(error)) return
    const middle = rests.length >> 1
    await ask({ ...asked, rests: rests.slice(0, middle) }, decisions)
    await ask({ ...asked, rests: rests.slice(middle) }, decisions)
    return
  }
  rows.forEach((row, i) => {
    rests.forEach((rest, k) => {
      decisions.set(row, rest, verdicts[i]?.[k] === true)
    })
  })
}

async function query({ pool, table, rows, rests }: Ask): Promise<boolean[][]> {
  const values: unknown[] = [rows.map(recordOf)]
  const writer = {
    column: (name: string) => `(this).${quoteIdentifier(name)}`,
    bind: (text: string) => {
      values.push(text)
      return `$${values.length}`
    },
  }
  const verdicts = rests.map((rest) => `(${rest.sql(writer)}) IS TRUE`)
  const type = `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`
  const text = `
    WITH rows AS MATERIALIZED (
      SELECT place, record::${type} AS this
      FROM unnest($1::text[]) WITH ORDINALITY AS given(record, place)
    )
    SELECT array_to_string(ARRAY[${verdicts.join(', ')}]::boolean[], '') FROM rows ORDER BY place`
  return inReadTransaction(pool, { timeout: TIMEOUT }, async (client) => {
    const result = await client.query<[string]>({ text, values, rowMode: 'array' })
    return result.rows.map(([letters]) => [...letters].map((letter) => letter === 't'))
  })
}

/** A row as a record literal of Postgres. */
const recordOf = (row: Fields): string =>
  `(${row.map((field) => (field === null ? '' : `"${field.replace(/["\\]/g, '$&$&')}"`)).join(',')})`

function* chunksOf<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size)
}
