// Describes a step in words: which parts of the state changed, and which effects run.
import type { LedgerEffect } from '../effects.ts'
import type { LedgerStep } from '../ledger.ts'
import type { LedgerState } from '../state.ts'

const connectionOf = ({ reading }: LedgerState): string => {
  const { connection, join } = reading
  switch (connection.phase) {
    case 'following':
      return `${connection.live ? 'live' : 'following'} ${connection.segment}`
    case 'waiting':
      return `waiting to ${connection.resumeFrom === null ? 'join' : 'follow'}`
    case 'joining':
      return join.type === 'awaiting-answers' ? 'joining after answers' : 'joining'
    default:
      return connection.phase
  }
}

/** The kind of each part of the state. */
const kindsOf = (state: LedgerState): Record<string, string> => ({
  connection: connectionOf(state),
  outbox: state.writing.outbox.phase,
  unacked: String(
    state.writing.outbox.batches.length + (state.writing.outbox.edits === null ? 0 : 1),
  ),
  hold: state.writing.hold.type,
  synced: String(state.reading.isSynced),
  document: state.document.type,
  doubt: state.doubt.type,
  resume: state.resume.type,
  remaking: String(state.isRemaking),
  tabs: state.tabs.type,
  orphans: String(state.others.orphans.size),
  adoption: state.adoption.pass.type,
  device: state.device.type === 'open' ? `stored ${state.device.stored.all}` : state.device.type,
})

function effectOf(effect: LedgerEffect): string {
  switch (effect.type) {
    case 'record':
      return `record ${effect.change.type}`
    case 'send':
      return `send ${effect.batch.batchId}`
    case 'follow':
      return `follow ${effect.from.segment}`
    case 'report':
      return `report ${effect.error.code}`
    case 'worked':
      return `${effect.side} works`
    default:
      return `${effect.to}.${effect.type}`
  }
}

/** `=` if nothing changes and no effect runs. */
export function describeStep(before: LedgerState, { state, effects }: LedgerStep): string {
  const [was, is] = [kindsOf(before), kindsOf(state)]
  const changed = Object.keys(is)
    .filter((name) => was[name] !== is[name])
    .map((name) => `${name}: ${is[name]}`)
  const all = [...changed, ...effects.map(effectOf)]
  return all.length === 0 ? '=' : all.join(', ')
}
