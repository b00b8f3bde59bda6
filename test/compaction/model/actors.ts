// The actors of the model. Each is a program of statements, and other actors may run between any two
// of them.
import {
  type Actor,
  type Content,
  commit,
  contentOf,
  type Edit,
  release,
  type World,
} from './world.ts'

/** Faults of the design. The model must catch each of these. */
export interface Faults {
  readonly noSharedLock?: boolean
  readonly segmentReadBeforeLock?: boolean
  readonly noCompactionLock?: boolean
  readonly verification?: 'equality' | 'containment' | 'none'
  readonly noCarryOver?: boolean
  readonly sealNotLast?: boolean
  readonly twoTransactions?: boolean
  readonly stateInTwoReads?: boolean
}

export interface Statement {
  readonly name: string
  /** False while the actor waits for others. */
  readonly ready?: (world: World, self: number, actor: Actor) => boolean
  /** Returns the next statement if it is not the following one; 'end' rolls back and ends. */
  readonly run: (world: World, self: number, actor: Actor) => number | 'end' | undefined
}

export interface Program {
  readonly name: string
  readonly statements: readonly Statement[]
  /**
   * The reaction of the client to a crash of the server: it asks again, gives up, or does not notice.
   */
  readonly onCrash: 'retry' | 'give-up' | 'immune'
  readonly isFollower?: boolean
}

type Run = Statement['run']

export const step = (name: string, run: Run, ready?: Statement['ready']): Statement =>
  ready === undefined ? { name, run } : { name, run, ready }

const lockShared = step(
  'lock shared',
  (world, self) => {
    world.shared.push(self)
    return undefined
  },
  ({ alone }) => alone === null,
)

const lockAlone = step(
  'lock alone',
  (world, self) => {
    world.alone = self
    return undefined
  },
  ({ alone, shared }) => alone === null && shared.length === 0,
)

const readSegment = step('read segment', (world, _self, actor) => {
  actor.segment = world.segment
  return undefined
})

const insertRow = (world: World, { tx }: Actor, segment: number, edit: Edit | null): void => {
  tx.inserts.push({ seq: world.nextSeq++, segment, edit })
}

/** Posts one edit, and asks again if there is no answer. */
export function writer(edit: Edit, faults: Faults): Program {
  const insert = step('insert', (world, _self, actor) => {
    insertRow(world, actor, actor.segment, edit)
    return undefined
  })
  const ack = step('commit', (world, self, actor) => {
    // The same batch again is answered with the first row, because of the unique index.
    if (world.acked.includes(edit.id)) actor.tx.inserts = []
    commit(world, self, actor)
    if (!world.acked.includes(edit.id)) world.acked.push(edit.id)
    return 'end'
  })
  const locks = faults.noSharedLock ? [] : [lockShared]
  const statements = faults.segmentReadBeforeLock
    ? [readSegment, ...locks, insert, ack]
    : [...locks, readSegment, insert, ack]
  return { name: `writer of ${edit.id}`, statements, onCrash: 'retry' }
}

export function roller(faults: Faults): Program {
  const seal = step('seal', (world, _self, actor) => {
    insertRow(world, actor, actor.segment, null)
    return undefined
  })
  const open = step('open the next', (world, _self, actor) => {
    if (world.segment !== actor.segment) return 'end'
    actor.tx.segment = actor.segment + 1
    return undefined
  })
  const commitAll = step('commit', (world, self, actor) => {
    commit(world, self, actor)
    return undefined
  })
  const statements = faults.sealNotLast
    ? [readSegment, seal, commitAll, lockAlone, open, commitAll]
    : [readSegment, lockAlone, open, seal, commitAll]
  return { name: 'roller', statements, onCrash: 'give-up' }
}

/** The source of a compactor's proposal. */
export type Proposer =
  | 'honest'
  /** Its live document, which has an unacked edit and may lack rows. */
  | 'live'
  /** The same clocks, but all content is deleted. */
  | 'erasing'
  /** The newest sealed segment alone, without the others. */
  | 'newest-only'

const UNACKED = 99

export function folder(proposer: Proposer, faults: Faults): Program {
  const propose = step('read the live document', (world, _self, actor) => {
    const { content } = contentOf(world.snapshot, world.rows)
    actor.proposal = { ...content, [UNACKED]: 'whole' }
    return undefined
  })
  const readState = step(
    'read state',
    (world, _self, actor) => {
      actor.through = world.segment - 1
      const sealed = world.rows.filter(({ segment }) => segment <= actor.through)
      if (proposer !== 'live') actor.proposal = proposalOf(proposer, world, sealed, actor.through)
      return undefined
    },
    ({ segment, snapshot }) => segment - 1 > (snapshot?.through ?? -1),
  )
  const lockCompaction = step('try the compaction lock', (world, self) => {
    if (world.compacting !== null) return 'end'
    world.compacting = self
    return undefined
  })
  const readBase = step('read the snapshot row', (world, _self, actor) => {
    actor.base = world.snapshot
    return world.segment <= actor.through || (world.snapshot?.through ?? -1) >= actor.through
      ? 'end'
      : undefined
  })
  const deleteRows = step(
    'delete',
    (world, self, actor) => {
      actor.taken = world.rows.filter(({ segment }) => segment <= actor.through)
      for (const { seq } of actor.taken) {
        actor.tx.deletes.push(seq)
        world.lockedRows[seq] = self
      }
      return undefined
    },
    ({ rows, lockedRows }, self, { through }) =>
      rows.every(({ seq, segment }) => segment > through || (lockedRows[seq] ?? self) === self),
  )
  const verify = step('verify', (_world, _self, actor) => {
    const { content } = contentOf(actor.base, actor.taken)
    return isAccepted(actor.proposal, content, faults.verification) ? undefined : 'end'
  })
  const carry = step('carry', (world, _self, actor) => {
    const { waiting } = contentOf(actor.base, actor.taken)
    for (const edit of faults.noCarryOver ? [] : waiting) {
      insertRow(world, actor, actor.segment, edit)
    }
    return undefined
  })
  const insertSnapshot = step('insert', (_world, _self, actor) => {
    actor.tx.snapshot = { through: actor.through, content: actor.proposal }
    return undefined
  })
  const commitAll = step('commit', (world, self, actor) => {
    commit(world, self, actor)
    return undefined
  })
  const statements = [
    ...(proposer === 'live' ? [propose] : []),
    readState,
    ...(faults.noCompactionLock ? [] : [lockCompaction]),
    readBase,
    deleteRows,
    verify,
    lockShared,
    readSegment,
    carry,
    ...(faults.twoTransactions ? [commitAll] : []),
    insertSnapshot,
    commitAll,
  ]
  return { name: `${proposer} folder`, statements, onCrash: 'give-up' }
}

function proposalOf(
  proposer: Exclude<Proposer, 'live'>,
  { snapshot }: World,
  sealed: World['rows'],
  through: number,
): Content {
  if (proposer === 'newest-only') {
    return contentOf(
      null,
      sealed.filter(({ segment }) => segment === through),
    ).content
  }
  const { content } = contentOf(snapshot, sealed)
  if (proposer === 'honest') return content
  return Object.fromEntries(Object.keys(content).map((id) => [id, 'spoilt']))
}

function isAccepted(
  proposal: Content,
  expected: Content,
  verification: Faults['verification'] = 'equality',
): boolean {
  if (verification === 'none') return true
  const ids = Object.keys(expected)
  if (verification === 'containment') return ids.every((id) => id in proposal)
  return (
    ids.length === Object.keys(proposal).length &&
    Object.entries(expected).every(([id, value]) => proposal[Number(id)] === value)
  )
}

/** The server dies: uncommitted work is lost. */
export function crash(world: World, self: number, actor: Actor, program: Program): void {
  release(world, self, actor)
  world.crashesLeft--
  actor.at = 0
  if (program.onCrash === 'give-up') actor.done = true
}
