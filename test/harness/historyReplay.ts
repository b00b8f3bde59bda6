// Replays a history. Each step has a replica, the steps that this replica must have received before,
// and the edits.
import * as Y from 'yjs'
import { countCodePoints, type History, InvalidHistory, outOfRange, type Patch } from './history.ts'

/**
 * One transaction by one replica. A replica is a person at one document: an agent of the recording,
 * plus another one wherever an agent continued from a version without its own last edits.
 */
export interface HistoryStep {
  /** The number of this step; `needs` refers to it. */
  readonly index: number
  readonly replica: number
  readonly agent: number
  readonly timestamp: string | undefined
  readonly editCount: number
  /**
   * The steps of other replicas that this step needs and no earlier step of this replica needed. Each comes
   * after the steps that it builds on.
   */
  readonly needs: readonly number[]
  /**
   * Applies the edits as a person would, in one Yjs transaction. The text must contain the earlier steps of
   * this replica, and all steps that these and this step need, *and nothing else*. Otherwise the positions
   * are wrong.
   */
  apply(text: Y.Text, origin?: unknown): void
}

/** The steps of a history in an order in which they can be applied one after the other. */
export function* replaySteps(history: History): Generator<HistoryStep, void, undefined> {
  const plan = new ReplicaPlan()
  const { startContent, transactions } = history
  // The initial text is the first step, and all steps without parents build on it.
  const start: readonly Patch[] =
    startContent === '' ? [] : [{ position: 0, deleted: 0, inserted: startContent }]
  const shift = start.length
  if (shift > 0)
    yield toStep(history, start, { agent: 0, timestamp: undefined }, plan.replicaFor(0, []))
  for (const transaction of transactions) {
    const { agent, parents, timestamp, patches } = transaction
    const isRoot = parents.length === 0 && shift > 0
    const needed = isRoot ? [0] : parents.map((parent) => parent + shift)
    yield toStep(history, patches, { agent, timestamp }, plan.replicaFor(agent, needed))
  }
}

function toStep(
  history: History,
  patches: readonly Patch[],
  who: Pick<HistoryStep, 'agent' | 'timestamp'>,
  placed: Placement,
): HistoryStep {
  return {
    ...placed,
    ...who,
    editCount: patches.length,
    apply: (text, origin) => applyPatches(history, placed.index, patches, text, origin),
  }
}

function applyPatches(
  history: History,
  index: number,
  patches: readonly Patch[],
  text: Y.Text,
  origin: unknown,
): void {
  if (text.doc === null) throw new Error('the text to replay into must belong to a Y.Doc')
  text.doc.transact(() => {
    for (const { position, deleted, inserted } of patches) {
      const [from, to] = toUnits(history, index, text, position, deleted)
      if (to > from) text.delete(from, to - from)
      if (inserted !== '') text.insert(from, inserted)
    }
  }, origin)
}

/** The start and end of a patch in UTF-16 units, in which Y.Text counts. */
function toUnits(
  { name, hasAstralCharacters }: History,
  index: number,
  text: Y.Text,
  position: number,
  deleted: number,
): [from: number, to: number] {
  // Reading the text for each edit is slow, and is needed only if a character of it takes two units.
  const content = hasAstralCharacters ? text.toString() : undefined
  const length = content === undefined ? text.length : countCodePoints(content)
  const problem = outOfRange(position, deleted, length)
  if (problem) throw new InvalidHistory(`${name} cannot be replayed: step ${index} ${problem}`)
  if (content === undefined) return [position, position + deleted]
  const from = unitsBefore(content, 0, position)
  return [from, unitsBefore(content, from, deleted)]
}

function unitsBefore(text: string, from: number, codePoints: number): number {
  let at = from
  for (let left = codePoints; left > 0; left--) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
  }
  return at
}

type Placement = Pick<HistoryStep, 'index' | 'replica' | 'needs'>

/** The number of steps of each replica that a version contains; 0 for a replica that is not listed. */
type Version = readonly number[]

/** Decides which replica makes a step, from the steps that it builds on. */
class ReplicaPlan {
  /** The version after each step. */
  readonly #versions: Version[] = []
  readonly #replicas: { agent: number; steps: number[] }[] = []

  replicaFor(agent: number, parents: readonly number[]): Placement {
    const before = this.#merge(parents)
    const replica = this.#findReplica(agent, before)
    const steps = this.#stepsOf(replica)
    const last = steps.at(-1)
    const known = last === undefined ? [] : this.#versionAfter(last)
    const needs = this.#between(known, before)

    const index = this.#versions.length
    steps.push(index)
    const after = [...before]
    after[replica] = steps.length
    this.#versions.push(Array.from(after, (count) => count ?? 0))
    return { index, replica, needs }
  }

  #merge(parents: readonly number[]): Version {
    const merged: number[] = []
    for (const parent of parents) {
      for (const [replica, count] of this.#versionAfter(parent).entries()) {
        merged[replica] = Math.max(merged[replica] ?? 0, count)
      }
    }
    return merged
  }

  /**
   * A replica of this agent all of whose steps are in the version, so that it has no edit that the version
   * lacks.
   */
  #findReplica(agent: number, version: Version): number {
    const found = this.#replicas.findIndex(
      (one, replica) => one.agent === agent && one.steps.length === (version[replica] ?? 0),
    )
    if (found >= 0) return found
    this.#replicas.push({ agent, steps: [] })
    return this.#replicas.length - 1
  }

  #between(known: Version, wanted: Version): number[] {
    const steps = wanted.flatMap((count, replica) =>
      this.#stepsOf(replica).slice(known[replica] ?? 0, count),
    )
    return steps.sort((a, b) => a - b)
  }

  #versionAfter(step: number): Version {
    return this.#versions[step] ?? []
  }

  #stepsOf(replica: number): number[] {
    return this.#replicas[replica]?.steps ?? []
  }
}

export interface ReplayedStep extends HistoryStep {
  /**
   * The edits as a Yjs v1 update. Unlike `apply`, the update is valid in a document that contains more edits
   * than the step needs. So a live writer may apply it while the edits of others keep arriving.
   */
  readonly update: Uint8Array
  /** The replica's document just after the step. Do not edit it. */
  readonly doc: Y.Doc
}

/**
 * Replays in memory, one Y.Doc for each replica, with client ids 1, 2, … in the order of
 * appearance.
 */
export function* replayInMemory(
  history: History,
  textName = 'body',
): Generator<ReplayedStep, void, undefined> {
  const docs: Y.Doc[] = []
  const updates: Uint8Array[] = []
  for (const step of replaySteps(history)) {
    const doc = docs[step.replica] ?? new Y.Doc({ guid: 'replica' })
    docs[step.replica] = doc
    doc.clientID = step.replica + 1
    doc.transact(() => {
      for (const needed of step.needs) Y.applyUpdate(doc, updateOf(updates, needed))
    })
    const update = captureUpdate(doc, () => step.apply(doc.getText(textName)))
    updates.push(update)
    yield { ...step, update, doc }
  }
}

function updateOf(updates: readonly Uint8Array[], step: number): Uint8Array {
  const update = updates[step]
  if (update === undefined) throw new Error(`step ${step} is needed before it was applied`)
  return update
}

const emptyUpdate = Uint8Array.of(0, 0)

function captureUpdate(doc: Y.Doc, edit: () => void): Uint8Array {
  // A step without edits (some recordings have them) emits nothing, so its update is empty.
  let captured: Uint8Array = emptyUpdate
  const listen = (update: Uint8Array) => {
    captured = update
  }
  doc.on('update', listen)
  try {
    edit()
  } finally {
    doc.off('update', listen)
  }
  return captured
}
