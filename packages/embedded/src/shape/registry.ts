import { Feed, type Transaction } from '../capture/feed.ts'
import { installTriggers } from '../capture/triggers.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import { EmbeddedError } from '../errors.ts'
import { conditionSql } from '../where/condition.ts'
import type { Definition } from './definition.ts'
import { type Rows, readRows } from './query.ts'
import { Router } from './router.ts'
import { Shape } from './shape.ts'

export interface RegistryLimits {
  readonly maxShapes: number
  /** Of all shapes together, about; shapes that nobody reads make room. */
  readonly maxBytes: number
  /** A shape that nobody has read for so long is forgotten. */
  readonly idleMs: number
  readonly chunkBytes: number
  /** How long a request waits for a database that is away. */
  readonly databaseWaitMs: number
}

const MAX_ATTEMPTS = 5

/** All shapes of this process. They live in memory: a restart forgets them, and readers start anew. */
export class Registry {
  readonly #database: Database
  readonly #limits: RegistryLimits
  readonly #clock: Clock
  readonly #feed: Feed
  readonly #router = new Router()
  readonly #byKey = new Map<string, { handle: string; made: Promise<Shape> }>()
  readonly #byHandle = new Map<string, Shape>()
  readonly #captured = new Map<number, Promise<void>>()
  readonly #stopSweeping: () => void
  #handles = 0

  constructor(database: Database, limits: RegistryLimits, clock: Clock) {
    this.#database = database
    this.#limits = limits
    this.#clock = clock
    this.#feed = new Feed({
      database,
      onTransaction: (transaction) => this.#apply(transaction),
      onLost: () => this.dropAll(),
      waitMs: limits.databaseWaitMs,
    })
    this.#stopSweeping = clock.every(Math.max(limits.idleMs / 4, 1_000), () => this.#sweep())
  }

  get feed(): Feed {
    return this.#feed
  }

  find(handle: string): Shape | undefined {
    const shape = this.#byHandle.get(handle)
    if (shape !== undefined) this.#touch(shape)
    return shape
  }

  /** The shape of this definition; however many ask at once, it is made once. */
  async getOrCreate(definition: Definition): Promise<Shape> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const shape = await this.#single(definition)
      // It may have been dropped while it was being made.
      if (shape.isDropped) continue
      if (shape.definition.table.fingerprint === definition.table.fingerprint) {
        this.#touch(shape)
        return shape
      }
      this.dropTable(definition.table.oid)
    }
    throw new EmbeddedError('feed_down', 'The table changes too fast to read it; try again')
  }

  drop(shape: Shape): void {
    this.#byHandle.delete(shape.handle)
    this.#router.remove(shape)
    const { key } = shape.definition
    if (this.#byKey.get(key)?.handle === shape.handle) this.#byKey.delete(key)
    shape.drop()
  }

  dropTable(oid: number): void {
    for (const shape of [...this.#byHandle.values()]) {
      if (shape.definition.table.oid === oid) this.drop(shape)
    }
    this.#captured.delete(oid)
  }

  dropAll(): void {
    for (const shape of [...this.#byHandle.values()]) this.drop(shape)
  }

  async close(): Promise<void> {
    this.#stopSweeping()
    const pending = [...this.#byKey.values()].map(({ made }) => made)
    this.dropAll()
    await this.#feed.close()
    await Promise.allSettled([...pending, ...this.#captured.values()])
    this.dropAll()
  }

  #single(definition: Definition): Promise<Shape> {
    const known = this.#byKey.get(definition.key)
    if (known !== undefined) return known.made
    const shape = new Shape(this.#newHandle(), definition, this.#limits.chunkBytes)
    const made = this.#make(shape)
    this.#byKey.set(definition.key, { handle: shape.handle, made })
    made.catch(() => this.drop(shape))
    return made
  }

  /**
   * In this order: hear changes, have them captured, keep those that come, read the rows. Then
   * nothing is missed, and what the rows hold already is told by the query's snapshot.
   */
  async #make(shape: Shape): Promise<Shape> {
    const { definition } = shape
    await this.#feed.ready()
    await this.#capture(definition)
    this.#byHandle.set(shape.handle, shape)
    this.#router.add(shape)
    shape.begin(await this.#readSnapshot(definition))
    if (!shape.isDropped) this.#makeRoom(shape)
    return shape
  }

  #readSnapshot(definition: Definition): Promise<Rows> {
    const condition =
      definition.logMode === 'changes_only'
        ? { text: 'false', values: [] }
        : conditionSql(definition.condition, 1)
    return readRows(this.#database.pool, definition, {
      where: condition.text,
      values: condition.values,
      tail: '',
    })
  }

  #capture(definition: Definition): Promise<void> {
    const { oid } = definition.table
    const known = this.#captured.get(oid)
    if (known !== undefined) return known
    const installed = installTriggers(this.#database.pool, definition.table)
    this.#captured.set(oid, installed)
    installed.catch(() => this.#captured.delete(oid))
    return installed
  }

  #apply(transaction: Transaction): void {
    const invalid = transaction.changes.filter((change) => !this.#isReadable(change))
    for (const { table } of invalid) this.dropTable(table)
    for (const [shape, changes] of this.#router.route(transaction)) {
      shape.apply(transaction, changes)
      if (shape.bytes > this.#limits.maxBytes) this.drop(shape)
    }
  }

  /** A truncate, or a row with another number of fields than the shapes know, ends them. */
  #isReadable({ table, operation, old, new: fresh }: Transaction['changes'][number]): boolean {
    if (operation === 'truncate') return false
    const shape = this.#router.shapesOf(table)[0]
    if (shape === undefined) return true
    const row = fresh ?? old
    return row?.length === shape.definition.table.columns.length
  }

  #touch(shape: Shape): void {
    shape.lastUsed = this.#clock.now()
    // The map's order is the order of use.
    if (this.#byHandle.delete(shape.handle)) this.#byHandle.set(shape.handle, shape)
  }

  #makeRoom(keep: Shape): void {
    let bytes = 0
    for (const shape of this.#byHandle.values()) bytes += shape.bytes
    for (const shape of [...this.#byHandle.values()]) {
      if (this.#byHandle.size <= this.#limits.maxShapes && bytes <= this.#limits.maxBytes) return
      if (shape === keep || shape.hasReaders) continue
      bytes -= shape.bytes
      this.drop(shape)
    }
  }

  #sweep(): void {
    const oldest = this.#clock.now() - this.#limits.idleMs
    for (const shape of [...this.#byHandle.values()]) {
      if (shape.hasReaders) this.#touch(shape)
      else if (shape.lastUsed < oldest) this.drop(shape)
    }
  }

  /** Never the same twice, also after a restart. */
  #newHandle(): string {
    this.#handles++
    const random = Math.floor(Math.random() * 90_000_000) + 10_000_000
    return `${random}-${this.#clock.now() * 1000 + this.#handles}`
  }
}
