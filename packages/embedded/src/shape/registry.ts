import { Feed, type Transaction } from '../capture/feed.ts'
import type { Change } from '../capture/reassembler.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import { EmbeddedError } from '../errors.ts'
import { checkCondition } from '../where/check.ts'
import { type Decisions, decide, NO_DECISIONS } from '../where/decide.ts'
import { Catalog } from './catalog.ts'
import type { Definition } from './definition.ts'
import { type HandleName, parseHandle, shapeIdOf } from './handle.ts'
import { History } from './history.ts'
import { decidePast } from './past.ts'
import { ShapeReader } from './pieces.ts'
import { Router } from './router.ts'
import { hasColumnsOf, Shape } from './shape.ts'

export interface RegistryLimits {
  readonly maxShapes: number
  /**
   * The approximate limit for all shapes together; shapes without readers are dropped to make room.
   */
  readonly maxBytes: number
  /** A shape without readers for this long is dropped, in milliseconds. */
  readonly idleMs: number
  readonly chunkBytes: number
  /** How much text of rows one statement reads. */
  readonly pieceBytes: number
  /** The approximate memory for recent transactions. */
  readonly historyBytes: number
  /** How long a request waits for an unreachable database, in milliseconds. */
  readonly databaseWaitMs: number
  /** How often the tables are checked for alterations that the feed does not report, in milliseconds. */
  readonly catalogMs: number
}

const MAX_ATTEMPTS = 5

/**
 * All shapes of this process. They live in memory: after a restart readers start over, unless
 * another service of the same database has their shapes.
 */
export class Registry {
  readonly #database: Database
  readonly #limits: RegistryLimits
  readonly #clock: Clock
  readonly #feed: Feed
  readonly #history: History
  readonly #reader: ShapeReader
  readonly #router = new Router()
  /** By id, least recently used first. */
  readonly #shapes = new Map<string, Shape>()
  readonly #making = new Map<string, Promise<Shape>>()
  readonly #renewing = new Map<Shape, Promise<void>>()
  readonly #catalog: Catalog
  readonly #stopSweeping: () => void
  /** Incremented when all shapes are dropped; work that began before then is discarded. */
  #era = 0
  #lastHello = 0

  constructor(database: Database, limits: RegistryLimits, clock: Clock) {
    this.#database = database
    this.#limits = limits
    this.#clock = clock
    this.#catalog = new Catalog({
      database,
      clock,
      catalogMs: limits.catalogMs,
      feed: () => this.#feed,
      isNeeded: () => this.#shapes.size > 0,
      onAltered: (oid, lsn) => this.#dropTable(oid, lsn),
    })
    this.#history = new History(limits.historyBytes)
    this.#reader = new ShapeReader(database.pool, limits.pieceBytes)
    this.#feed = new Feed({
      database,
      onTransaction: (transaction) => this.#apply(transaction),
      beforeBegin: () => this.#catalog.beforeBegin(),
      onBegin: (lsn) => this.#begin(lsn),
      onHello: (lsn) => this.#welcome(lsn),
      onDrop: (shapeId, lsn) => this.#dropOnDemand(shapeId, lsn),
      onLost: () => this.dropAll(),
      waitMs: limits.databaseWaitMs,
    })
    this.#stopSweeping = clock.every(Math.max(limits.idleMs / 4, 1_000), () => this.#sweep())
  }

  /** Resolves when the feed receives changes and, if the database user is allowed to, DDL commands. */
  async ready(): Promise<void> {
    await this.#feed.ready()
    // If this fails, the first shape tries it again.
    await this.#catalog.follow().catch(() => {})
  }

  get feed(): Feed {
    return this.#feed
  }

  /** Another service may know nothing of transactions that committed before this LSN. */
  get lastHello(): number {
    return this.#lastHello
  }

  find(handle: string): Shape | undefined {
    const shape = this.#shapes.get(parseHandle(handle)?.shape ?? '')
    if (shape !== undefined) this.#touch(shape)
    return shape
  }

  /** Returns the shape of this definition; concurrent calls create it once. */
  async getOrCreate(definition: Definition): Promise<Shape> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      await this.#feed.ready()
      const shape = await this.#single(definition)
      // The shape may have been dropped while it was being created.
      if (shape.isDropped) continue
      this.#touch(shape)
      return shape
    }
    throw new EmbeddedError('feed_down', 'The table changes too fast to read it; try again')
  }

  /**
   * Called before the snapshot is sent. Takes a new snapshot if another service would not continue
   * from this one, because it started later or has just refused a snapshot of that age.
   */
  async renew(shape: Shape, refused: HandleName | undefined): Promise<void> {
    const isPlausible = refused !== undefined && refused.lsn <= this.#feed.lastLsn
    const oldest = Math.max(this.#lastHello, isPlausible ? refused.lsn + 1 : 0)
    while (shape.snapshotLsn < oldest && !shape.isDropped) {
      // The renewal under way may be for a caller that accepts an older snapshot.
      const underWay = this.#renewing.get(shape)
      if (underWay !== undefined) {
        await underWay
        continue
      }
      const renewing = this.#renew(shape, oldest).finally(() => this.#renewing.delete(shape))
      this.#renewing.set(shape, renewing)
      await renewing
    }
  }

  async #renew(shape: Shape, oldest: number): Promise<void> {
    if (this.#feed.lastLsn < oldest) await this.#feed.barrier()
    await this.#load(shape)
  }

  drop(shape: Shape): void {
    if (this.#shapes.get(shape.id) === shape) this.#shapes.delete(shape.id)
    this.#router.remove(shape)
    shape.drop()
  }

  dropAll(): void {
    this.#era++
    for (const shape of [...this.#shapes.values()]) this.drop(shape)
  }

  async close(): Promise<void> {
    this.#stopSweeping()
    const pending = [...this.#making.values(), ...this.#renewing.values()]
    this.dropAll()
    await this.#feed.close()
    await Promise.allSettled([...pending, this.#catalog.close()])
    this.dropAll()
  }

  #begin(lsn: number): void {
    // A shape that was being created while the feed was down lacks the changes since then.
    this.dropAll()
    this.#history.begin(lsn)
    this.#catalog.begin(lsn)
    this.#lastHello = lsn
  }

  #welcome(lsn: number): void {
    this.#lastHello = lsn
    for (const shape of this.#shapes.values()) shape.advance(lsn)
  }

  #dropOnDemand(shapeId: string, lsn: number): void {
    this.#history.forgetShape(shapeId, lsn)
    const shape = this.#shapes.get(shapeId)
    if (shape !== undefined) this.drop(shape)
  }

  #single(definition: Definition): Promise<Shape> {
    const id = shapeIdOf(definition, this.#feed.epoch)
    const making = this.#making.get(id)
    if (making !== undefined) return making
    const known = this.#shapes.get(id)
    if (known !== undefined) return Promise.resolve(known)
    const made = this.#make(id, definition).finally(() => this.#making.delete(id))
    this.#making.set(id, made)
    return made
  }

  /**
   * The order is: receive changes, capture the table, keep incoming changes, read the rows. So no
   * change is missed; the query's snapshot tells which changes the rows already contain.
   */
  async #make(id: string, definition: Definition): Promise<Shape> {
    await checkCondition(this.#database.pool, definition)
    await this.#catalog.capture(definition.table)
    const shape = await this.#feed.inOrder(() => this.#register(id, definition))
    try {
      await this.#load(shape)
    } catch (error) {
      this.drop(shape)
      throw error
    }
    if (!shape.isDropped) this.#makeRoom(shape)
    return shape
  }

  /** Runs between two transactions, so that the shape gets every transaction after those already handled. */
  async #register(id: string, definition: Definition): Promise<Shape> {
    const { table } = definition
    const lsn = this.#feed.lastLsn
    const unsureUntil = this.#catalog.enter(table, lsn)
    if (unsureUntil !== null) this.#history.forgetTable(table.oid, unsureUntil)
    const era = this.#era
    const past = this.#history.of(definition, id)
    const decisions = await decidePast(this.#database.pool, definition, past)
    if (era !== this.#era) throw new EmbeddedError('feed_down', 'Changes may have been missed')
    const shape = new Shape({ id, definition, past, decisions }, this.#limits.chunkBytes)
    this.#shapes.set(id, shape)
    this.#router.add(shape)
    return shape
  }

  async #load(shape: Shape): Promise<void> {
    const lsn = this.#feed.lastLsn
    shape.begin(await this.#reader.read(shape.definition), lsn)
  }

  #apply(heard: Transaction): void | Promise<void> {
    const transaction = this.#catalog.expand(heard)
    const mustLook = this.#catalog.mustLook(transaction)
    if (mustLook || this.#router.questions(transaction).length > 0) {
      return this.#applyLater(transaction, mustLook)
    }
    this.#commit(transaction, NO_DECISIONS)
  }

  async #applyLater(transaction: Transaction, mustLook: boolean): Promise<void> {
    const era = this.#era
    if (mustLook) await this.#catalog.look(transaction.lsn)
    const decisions = await decide(this.#database.pool, this.#router.questions(transaction))
    if (era === this.#era) this.#commit(transaction, decisions)
  }

  #commit(transaction: Transaction, decisions: Decisions): void {
    for (const change of transaction.changes) {
      if (!this.#isReadable(change)) this.#dropTable(change.table, transaction.lsn)
    }
    this.#history.add(transaction)
    for (const [shape, changes] of this.#router.route(transaction, decisions)) {
      // The shape's readers retry and receive the error from Postgres.
      if (changes === null) this.drop(shape)
      else shape.apply(transaction, changes)
      if (shape.bytes > this.#limits.maxBytes) this.drop(shape)
    }
  }

  /**
   * False for a truncate, or for a row whose number of fields differs from the shapes' table: both
   * end the shapes.
   */
  #isReadable(change: Change): boolean {
    if (change.operation === 'truncate') return false
    const shape = this.#router.shapesOf(change.table)[0]
    return shape === undefined || hasColumnsOf(shape.definition, change)
  }

  #dropTable(oid: number, lsn: number): void {
    for (const shape of [...this.#shapes.values()]) {
      if (shape.definition.table.oid === oid) this.drop(shape)
    }
    this.#history.forgetTable(oid, lsn)
    this.#catalog.forget(oid)
  }

  #touch(shape: Shape): void {
    shape.lastUsed = this.#clock.now()
    if (this.#shapes.get(shape.id) !== shape) return
    this.#shapes.delete(shape.id)
    this.#shapes.set(shape.id, shape)
  }

  #makeRoom(keep: Shape): void {
    let bytes = 0
    for (const shape of this.#shapes.values()) bytes += shape.bytes
    for (const shape of [...this.#shapes.values()]) {
      if (this.#shapes.size <= this.#limits.maxShapes && bytes <= this.#limits.maxBytes) return
      if (shape === keep || shape.hasReaders) continue
      bytes -= shape.bytes
      this.drop(shape)
    }
  }

  #sweep(): void {
    const oldest = this.#clock.now() - this.#limits.idleMs
    for (const shape of [...this.#shapes.values()]) {
      if (shape.hasReaders) this.#touch(shape)
      else if (shape.lastUsed < oldest) this.drop(shape)
    }
  }
}
