// Measures how much of the ledger's transition table the simulated runs cover. In each state of the table one
// part of the client is in a special state: it waits to join, its device store is lost, a tab left edits. A
// real state combines many of these. So this module counts pairs of the state of one part and a kind of
// event.
import { EVENTS, type LedgerEvent, type LedgerState, STATES } from './adapters/ledger.ts'

/** The states of the parts, as text. */
function partsOf({
  reading,
  writing,
  document,
  device,
  tabs,
  others,
  adoption,
  doubt,
  resume,
}: LedgerState): string[] {
  const { connection, join, isSynced, isSealSeen } = reading
  const { outbox, hold } = writing
  return [
    `connection ${connection.phase}`,
    ...(connection.phase === 'joining' ? [`join ${join.type}`] : []),
    ...(connection.phase === 'following'
      ? [isSynced ? 'synced' : 'not synced', ...(isSealSeen ? ['seal seen'] : [])]
      : []),
    ...(connection.phase === 'waiting' ? [`resumes ${connection.resumeFrom !== null}`] : []),
    `outbox ${outbox.phase}`,
    ...(outbox.edits === null ? [] : ['edits gather']),
    `hold ${hold.type}`,
    `document ${document.type}`,
    `device ${device.type}`,
    `tabs ${tabs.type}`,
    ...(others.alive.size > 0 ? ['other tabs'] : []),
    ...(others.orphans.size > 0 ? ['orphans'] : []),
    `adoption ${adoption.pass.type}`,
    `doubt ${doubt.type}`,
    `resume ${resume.type}`,
  ]
}

/** Counts pairs of a part's state and a kind of event. */
export class TransitionCoverage {
  readonly #seen = new Set<string>()

  readonly note = (state: LedgerState, { type }: LedgerEvent): void => {
    for (const part of partsOf(state)) this.#seen.add(`${part}, ${type}`)
  }

  /** The number of pairs of the transition table, and of those that the runs covered. */
  compared(): { readonly table: number; readonly seen: number; readonly missing: string[] } {
    const table = new TransitionCoverage()
    for (const state of Object.values(STATES)) {
      for (const event of Object.values(EVENTS)) table.note(state, event)
    }
    const missing = [...table.#seen].filter((pair) => !this.#seen.has(pair))
    return { table: table.#seen.size, seen: table.#seen.size - missing.length, missing }
  }
}
