// A small model of the database: committed rows, the holders of locks, and the rules that must hold
// at every moment. An edit is a number, and may depend on another edit.

/** An edit, and the edit that it depends on. */
export interface Edit {
  readonly id: number
  readonly after: number | null
}

export interface Row {
  readonly seq: number
  readonly segment: number
  /** The edit of the row; null for the seal. */
  readonly edit: Edit | null
}

/** The visible content of a document: each edit by id, whole or spoilt. */
export type Content = Readonly<Record<number, 'whole' | 'spoilt'>>

export interface Snapshot {
  readonly through: number
  readonly content: Content
}

export interface Transaction {
  inserts: Row[]
  deletes: number[]
  segment: number | null
  snapshot: Snapshot | null
}

/** Rows, logs and snapshots are replaced and never changed in place: worlds share them. */
export interface World {
  segment: number
  rows: readonly Row[]
  snapshot: Snapshot | null
  /** The log of each segment's shape, in the order of commits. */
  logs: readonly (readonly Row[])[]
  nextSeq: number
  /** The shared holders of the document's lock. */
  shared: number[]
  alone: number | null
  /** The holder of the compaction lock. */
  compacting: number | null
  /** Rows that an open transaction has deleted. Other transactions that need them have to wait. */
  lockedRows: Record<number, number>
  acked: number[]
  crashesLeft: number
  actors: Actor[]
  /** The first rule that was broken. */
  broken: string | null
}

/** An actor's position in its program, and its memory. */
export interface Actor {
  at: number
  done: boolean
  tx: Transaction
  segment: number
  position: number
  through: number
  received: number[]
  base: Snapshot | null
  taken: readonly Row[]
  proposal: Content
}

export const emptyTransaction = (): Transaction => ({
  inserts: [],
  deletes: [],
  segment: null,
  snapshot: null,
})

export const newActor = (): Actor => ({
  at: 0,
  done: false,
  tx: emptyTransaction(),
  segment: 0,
  position: 0,
  through: -1,
  received: [],
  base: null,
  taken: [],
  proposal: {},
})

export const newWorld = (actors: number, crashes: number): World => ({
  segment: 0,
  rows: [],
  snapshot: null,
  logs: [[]],
  nextSeq: 1,
  shared: [],
  alone: null,
  compacting: null,
  lockedRows: {},
  acked: [],
  crashesLeft: crashes,
  actors: Array.from({ length: actors }, newActor),
  broken: null,
})

/** Applies rows to a snapshot, and returns the content and the edits that wait for others. */
export function contentOf(
  snapshot: Snapshot | null,
  rows: readonly Row[],
): { content: Content; waiting: Edit[] } {
  const content: Record<number, 'whole' | 'spoilt'> = { ...snapshot?.content }
  let waiting = rows.flatMap(({ edit }) => (edit === null ? [] : [edit]))
  for (;;) {
    const ready = waiting.filter(({ after }) => after === null || after in content)
    if (ready.length === 0) return { content, waiting }
    for (const { id } of ready) content[id] ??= 'whole'
    waiting = waiting.filter((edit) => !ready.includes(edit))
  }
}

const describe = (snapshot: Snapshot | null, rows: readonly Row[]): string => {
  const { content, waiting } = contentOf(snapshot, rows)
  return JSON.stringify([content, [...new Set(waiting.map(({ id }) => id))].sort()])
}

export function breakRule(world: World, rule: string): void {
  world.broken ??= rule
}

/** Makes an actor's transaction visible, and checks the rules that a commit can break. */
export function commit(world: World, self: number, actor: Actor): void {
  const { inserts, deletes, segment, snapshot } = actor.tx
  const before = describe(world.snapshot, world.rows)
  const isLogged = inserts.length > 0 || segment !== null
  const logs = [...world.logs]
  for (const row of inserts) {
    const log = logs[row.segment] ?? []
    if (log.some(({ edit }) => edit === null)) breakRule(world, 'SEG-1: a sealed segment changed')
    logs[row.segment] = [...log, row]
  }
  world.rows = [...world.rows.filter(({ seq }) => !deletes.includes(seq)), ...inserts]
  if (segment !== null) {
    world.segment = segment
    logs[segment] ??= []
  }
  if (isLogged) world.logs = logs
  if (snapshot !== null) world.snapshot = snapshot
  if (deletes.length > 0 || snapshot !== null) {
    const after = describe(world.snapshot, world.rows)
    if (after !== before) breakRule(world, 'FOLD-1: a fold changed the document')
  }
  release(world, self, actor)
  requireKept(world)
}

/** Ends a transaction by commit or rollback, which releases its locks. */
export function release(world: World, self: number, actor: Actor): void {
  actor.tx = emptyTransaction()
  world.shared = world.shared.filter((holder) => holder !== self)
  if (world.alone === self) world.alone = null
  if (world.compacting === self) world.compacting = null
  for (const [seq, holder] of Object.entries(world.lockedRows)) {
    if (holder === self) delete world.lockedRows[Number(seq)]
  }
}

/** Checks KEEP-1, at every moment. */
function requireKept(world: World): void {
  const rows = new Set(world.rows.map(({ edit }) => edit?.id))
  for (const id of world.acked) {
    if (!rows.has(id) && world.snapshot?.content[id] !== 'whole') {
      breakRule(world, `KEEP-1: edit ${id} is lost`)
    }
  }
}

/** Checks, when no actor can continue, that every follower has every committed row. */
export function checkAtRest(world: World, followers: readonly number[]): void {
  if (world.shared.length > 0 || world.alone !== null || world.compacting !== null) {
    breakRule(world, 'a lock is held for ever')
  }
  for (const follower of followers) {
    const missed = world.acked.filter((id) => !world.actors[follower]?.received.includes(id))
    if (missed.length > 0) breakRule(world, `a follower missed edit ${missed.join(', ')}`)
  }
}
