// The ledger's states and events by name, which make up its transition table.
export type { LedgerEvent } from '../../../packages/y-electric/src/core/ledger/events.ts'
export type { LedgerState } from '../../../packages/y-electric/src/core/ledger/state.ts'
export { EVENTS, STATES } from '../../../packages/y-electric/src/core/ledger/testing/states.ts'
