// Reads recorded editing histories, and describes the defect of an invalid file. It reads the two formats of
// the public collection josephg/editing-traces: one writer (a list of transactions, each on top of the one
// before), and several at once (a transaction names the earlier ones that it builds on).
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

/** At `position` (in Unicode code points), removes `deleted` characters and inserts `inserted`. */
export interface Patch {
  readonly position: number
  readonly deleted: number
  readonly inserted: string
}

export interface Transaction {
  readonly patches: readonly Patch[]
  /** The agent's number, from 0. */
  readonly agent: number
  /** Indexes of the earlier transactions to whose merge this one was applied; empty if it builds on none. */
  readonly parents: readonly number[]
  readonly timestamp?: string
}

export interface History {
  readonly name: string
  readonly agentCount: number
  readonly startContent: string
  readonly endContent: string
  readonly transactions: readonly Transaction[]
  /**
   * Positions count code points, Y.Text counts UTF-16 units; without such characters the two are
   * the same.
   */
  readonly hasAstralCharacters: boolean
}

export class InvalidHistory extends Error {
  override name = 'InvalidHistory'
}

/** Reads a history from a `.json` or `.json.gz` file. */
export async function loadHistory(file: string): Promise<History> {
  const fail = (reason: string, cause?: unknown) => {
    return new InvalidHistory(`${file} is not an editing history: ${reason}`, { cause })
  }
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'there is no such file' : error.message
    throw new InvalidHistory(`${file} cannot be read: ${reason}`, { cause: error })
  })
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b
  const json = isCompressed
    ? await promisify(gunzip)(bytes).catch((error: Error) => {
        throw fail(`it cannot be decompressed (${error.message})`, error)
      })
    : bytes
  let value: unknown
  try {
    value = JSON.parse(json.toString('utf8'))
  } catch (error) {
    throw fail('it is not JSON', error)
  }
  return parseHistory(value, file)
}

/** Checks everything except the positions of several writers, which only a replay can check. */
export function parseHistory(value: unknown, name = 'history'): History {
  const reader = new FieldReader(name)
  const fields = reader.record(value, 'the file')
  const startContent = reader.text(fields.startContent ?? '', 'startContent')
  const endContent = reader.text(fields.endContent, 'endContent')
  const isConcurrent = fields.numAgents !== undefined
  const agentCount = isConcurrent ? reader.count(fields.numAgents, 'numAgents', 1) : 1
  const transactions = reader.list(fields.txns, 'txns').map((one, index): Transaction => {
    const at = `txns[${index}]`
    const transaction = reader.record(one, at)
    const agent = isConcurrent ? reader.count(transaction.agent, `${at}.agent`) : 0
    if (agent >= agentCount) throw reader.fail(`${at}.agent is ${agent} of ${agentCount} agents`)
    const timestamp = transaction.timestamp ?? transaction.time
    return {
      agent,
      parents: isConcurrent ? readParents(reader, transaction.parents, index) : previous(index),
      patches: readPatches(reader, transaction.patches, at),
      ...(timestamp === undefined ? {} : { timestamp: reader.text(timestamp, `${at}.timestamp`) }),
    }
  })
  const hasAstralCharacters = [
    startContent,
    ...transactions.flatMap(({ patches }) => patches.map(({ inserted }) => inserted)),
  ].some((text) => /[\u{10000}-\u{10ffff}]/u.test(text))
  const history: History = {
    name,
    agentCount,
    startContent,
    endContent,
    transactions,
    hasAstralCharacters,
  }
  if (!isConcurrent) checkPositions(reader, history)
  return history
}

function previous(index: number): number[] {
  return index === 0 ? [] : [index - 1]
}

function readParents(reader: FieldReader, value: unknown, index: number): number[] {
  const at = `txns[${index}].parents`
  return reader.list(value, at).map((one, position) => {
    const parent = reader.count(one, `${at}[${position}]`)
    if (parent >= index) throw reader.fail(`${at}[${position}] is ${parent}, which is not earlier`)
    return parent
  })
}

function readPatches(reader: FieldReader, value: unknown, at: string): Patch[] {
  return reader.list(value, `${at}.patches`).map((one, index) => {
    const where = `${at}.patches[${index}]`
    const [position, deleted, inserted, ...rest] = reader.list(one, where)
    if (rest.length > 0) throw reader.fail(`${where} has more than [position, deleted, inserted]`)
    return {
      position: reader.count(position, `${where}[0]`),
      deleted: reader.count(deleted, `${where}[1]`),
      inserted: reader.text(inserted, `${where}[2]`),
    }
  })
}

function checkPositions(reader: FieldReader, { startContent, transactions }: History): void {
  let length = countCodePoints(startContent)
  for (const [index, { patches }] of transactions.entries()) {
    for (const { position, deleted, inserted } of patches) {
      const problem = outOfRange(position, deleted, length)
      if (problem) throw reader.fail(`txns[${index}] ${problem}`)
      length += countCodePoints(inserted) - deleted
    }
  }
}

/** Describes the defect of a patch for a text of this many characters; undefined for a valid one. */
export function outOfRange(position: number, deleted: number, length: number): string | undefined {
  if (position > length) return `inserts at ${position} in a text of ${length} characters`
  if (position + deleted > length) {
    return `deletes ${deleted} characters at ${position} in a text of ${length}`
  }
  return undefined
}

export function countCodePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

/** Reads values from unknown JSON; its errors name the invalid field. */
class FieldReader {
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  fail(reason: string): InvalidHistory {
    return new InvalidHistory(`${this.#name} is not an editing history: ${reason}`)
  }

  record(value: unknown, field: string): Partial<Record<string, unknown>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#expected(field, 'an object', value)
    }
    return { ...value }
  }

  list(value: unknown, field: string): readonly unknown[] {
    if (!Array.isArray(value)) throw this.#expected(field, 'a list', value)
    return value
  }

  text(value: unknown, field: string): string {
    if (typeof value !== 'string') throw this.#expected(field, 'a text', value)
    return value
  }

  count(value: unknown, field: string, least = 0): number {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
      throw this.#expected(field, `a whole number from ${least}`, value)
    }
    return value
  }

  #expected(field: string, what: string, value: unknown): InvalidHistory {
    if (value === undefined) return this.fail(`${field} is missing`)
    return this.fail(`${field} should be ${what}, but is ${JSON.stringify(value).slice(0, 60)}`)
  }
}
